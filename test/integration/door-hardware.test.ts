import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DoorBody, HealthBody } from '@latchkey/contracts';
import { eventually, FakeGpioPrograms } from '@latchkey/testing';
import { AgentSite } from './agent-site.ts';

const lock = 12;
const button = 13;
const contact = 14;

describe('an edge agent with a lock, a button and a contact at GPIO lines', () => {
  let programs: FakeGpioPrograms;
  let site: AgentSite;

  beforeEach(async () => {
    programs = new FakeGpioPrograms('1.6.3');
    programs.setInput(button, false);
    programs.setInput(contact, false);
    site = new AgentSite();
    const chip = 'gpiochip0';
    await site.open({
      PATH: `${programs.folder}:${process.env.PATH}`,
      LATCHKEY_DOOR_HARDWARE: JSON.stringify({
        lock: { type: 'gpio', chip, line: lock },
        requestToExit: { chip, line: button, debounceMs: 0 },
        contact: { chip, line: contact },
      }),
    });
  });

  afterEach(async () => {
    await site.close();
    await eventually('all lines are let go', () => [lock, button, contact].every((line) => !programs.holder(line)));
    programs.dispose();
  });

  async function started(): Promise<void> {
    site.agent.start();
    await eventually('the agent runs', () => site.agent.ready, 60_000);
    await eventually('its lines are watched', () => programs.holder(button) && programs.holder(contact));
  }
  const told = () => site.log.filter(({ kind }) => kind === 'door').map(({ body }) => body as DoorBody);
  const health = () => site.log.filter(({ kind }) => kind === 'health').map(({ body }) => (body as HealthBody).state);
  const atRest = () => eventually('the lock is at rest', () => programs.level(lock) === '0');

  it('opens for the button, is shut at once when it is killed meanwhile, and later tells of alarms and failures', async () => {
    await started();
    await atRest();
    expect(site.agent.lines.join('\n')).toContain('lock at gpiochip0 line 12, energised to-open');
    programs.tell(button, `1 ${button}`);
    await eventually('central knows that the door opened', () => told().length > 0);
    expect(told()).toMatchObject([{ action: 'opened', origin: 'request-to-exit', personId: null }]);
    expect(programs.level(lock)).toBe('1');
    await site.agent.kill();
    await atRest();

    const before = programs.log.length;
    await started();
    await eventually('the lock is held again', () => programs.holder(lock));
    expect(programs.log.slice(before)).not.toContain(`level ${lock} 1`);
    programs.tell(contact, `1 ${contact}`);
    await eventually('the alarm reaches central', () => told().some(({ action }) => action === 'forced'));

    programs.fail('gpioset', 'error setting the GPIO line values: Device or resource busy');
    programs.tell(button, `0 ${button}`, `1 ${button}`);
    await eventually('central knows that the door did not open', () => told().at(-1)?.action === 'failed');
    expect(told().at(-1)).toMatchObject({
      origin: 'request-to-exit',
      reasons: ['door-failed'],
      message: expect.stringContaining('held by another'),
    });
    await eventually('central knows that the lock is lost', () => health().includes('door-lost'));
    programs.fail('gpioset', null);
    await eventually('and that it is back', () => health().includes('door-back'));
    expect(programs.log.slice(before)).not.toContain(`level ${lock} 1`);
    expect(await site.agent.stop()).toBe(0);
    expect([programs.level(lock), programs.holder(lock)]).toEqual(['0', null]);
  });
});
