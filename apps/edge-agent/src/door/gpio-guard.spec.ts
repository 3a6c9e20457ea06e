import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually, FakeGpioPrograms } from '@latchkey/testing';
import { GpioGuard, type GpioGuardEvent } from './gpio-guard.ts';

describe('guard of a GPIO line', () => {
  let programs: FakeGpioPrograms;
  let events: GpioGuardEvent[];
  let guards: GpioGuard[];

  beforeEach(() => {
    programs = new FakeGpioPrograms('1.6.3');
    events = [];
    guards = [];
  });

  afterEach(async () => {
    await Promise.all(guards.map((guard) => guard.stop()));
    programs.dispose();
  });

  const plan = {
    first: ['gpioset', '-m', 'time', '-s', '60', '-u', '0', 'gpiochip0', '12=1'],
    main: ['gpioset', '-m', 'signal', 'gpiochip0', '12=0'],
    last: ['gpioset', '-m', 'exit', 'gpiochip0', '12=0'],
  } as const;
  const aGuard = (first: readonly [string, ...string[]] | null = plan.first) => {
    const guard = GpioGuard.start({ ...plan, first }, programs.folder, (event) => events.push(event));
    guards.push(guard);
    return guard;
  };
  const driven = () => eventually('the line is driven', () => programs.level(12) === '1');

  it('leaves the line at rest when it is stopped, twice too, in the middle of an opening', async () => {
    const guard = aGuard();
    await driven();
    await Promise.all([guard.stop(), guard.stop()]);
    expect([programs.level(12), programs.holder(12)]).toEqual(['0', null]);
    expect(events).toMatchObject([
      { type: 'begin', what: 'first' },
      { type: 'end', what: 'first' },
    ]);
  });

  it('is left to itself when it does not end, and puts the line to rest when it can', async () => {
    const guard = aGuard();
    await driven();
    // As a machine that stands still: signals that ask wait until it goes on.
    process.kill(guard.pid ?? 0, 'SIGSTOP');
    expect(await guard.leave()).toBe(false);
    expect(programs.level(12)).toBe('1');
    process.kill(guard.pid ?? 0, 'SIGCONT');
    await guard.ended;
    expect([programs.level(12), programs.holder(12)]).toEqual(['0', null]);
  });

  it('gives what programs say, in order, and how they ended', async () => {
    programs.fail('gpioset', 'the line is busy');
    const guard = aGuard();
    const { end, messages } = await guard.ended;
    const line = 'gpioset: the line is busy';
    expect(events).toEqual([
      { type: 'begin', what: 'first' },
      { type: 'line', text: line },
      { type: 'end', what: 'first', code: 1, messages: `${line}\n` },
      { type: 'begin', what: 'main' },
      { type: 'line', text: line },
      { type: 'end', what: 'main', code: 1, messages: `${line}\n${line}\n` },
      { type: 'line', text: line },
    ]);
    expect([end, messages]).toEqual(['exit code 1', `${line}\n`.repeat(3)]);
  });

  it('gives words to programs as they are, whatever a shell could make of them', async () => {
    aGuard(['gpioset', '-m', 'exit', '$(touch here)', '* `id`', 'gpiochip0', '12=1']);
    // The program ends at once, and the next one drives the line to rest.
    await eventually('the line was driven', () => programs.log.includes('level 12 1'));
    expect(programs.log[0]).toBe('gpioset -m exit $(touch here) * `id` gpiochip0 12=1');
  });

  it('leaves the line at rest when the agent is killed in the middle of an opening', async () => {
    // Stands for the agent: starts the same guard with the same kind of pipe, and can be killed.
    const guardModule = JSON.stringify(new URL('../../dist/door/gpio-guard.js', import.meta.url).href);
    const code = `const { GpioGuard } = await import(${guardModule});
      GpioGuard.start(${JSON.stringify(plan)}, ${JSON.stringify(programs.folder)}, () => undefined);
      setInterval(() => undefined, 1000);`;
    const agent = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'ignore' });
    await driven();
    agent.kill('SIGKILL');
    await once(agent, 'exit');
    await eventually('the line is at rest and free', () => programs.level(12) === '0' && programs.holder(12) === null);
  });

  it('leaves the line at rest when it and its programs are asked to end together, as systemd does', async () => {
    const guard = aGuard();
    await driven();
    process.kill(-(guard.pid ?? 0), 'SIGTERM');
    await guard.ended;
    expect([programs.level(12), programs.holder(12)]).toEqual(['0', null]);
  });

  it('leaves nothing that holds the line when it is killed itself', async () => {
    const guard = aGuard();
    await driven();
    process.kill(guard.pid ?? 0, 'SIGKILL');
    expect((await guard.ended).end).toBe('SIGKILL');
    await eventually('nobody holds the line', () => programs.holder(12) === null);
  });
});
