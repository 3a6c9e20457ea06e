import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AgentLine, agentLine, agentSocketPath, agentStatus } from '@latchkey/contracts';
import { eventually } from '@latchkey/testing';
import { AgentSite, enrolment } from './agent-site.ts';

const cli = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));

describe('what an agent tells people on its machine', () => {
  let site: AgentSite;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    site = new AgentSite();
    await site.open();
  });

  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    await site.close();
  });

  /** `latchkey agent …` about the site's agent. */
  function latchkeyAgent(...args: string[]) {
    const child = spawn(process.execPath, [cli, 'agent', ...args, '--dir', site.agentDir], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    const [lines, errors]: [string[], string[]] = [[], []];
    createInterface(child.stdout).on('line', (line) => lines.push(line));
    createInterface(child.stderr).on('line', (line) => errors.push(line));
    return { child, lines, errors, closed: once(child, 'close') };
  }

  it('is how it is, who comes with names, and the end; to its own user alone', async () => {
    const nobody = latchkeyAgent('status');
    expect((await nobody.closed)[0]).toBe(3);
    expect(nobody.errors.join()).toMatch(/server-unavailable: No agent runs in/);

    site.configure(1);
    site.show(1);
    site.agent.start();
    await eventually('frames are analysed', () => site.agent.ready, 60_000);
    expect(statSync(dirname(join(site.agentDir, agentSocketPath))).mode & 0o777).toBe(0o700);
    const watching = latchkeyAgent('watch', '--json');
    const told = (): AgentLine[] => watching.lines.map((line) => agentLine.parse(JSON.parse(line)));
    await eventually('strangers are told', () => told().some(({ decision }) => decision === 'unknown'));
    expect(told().every(({ name }) => name === null)).toBe(true);

    const stranger = site.faces().find(({ encoding }) => encoding !== null);
    const values = new Float32Array(Uint8Array.from(Buffer.from(stranger?.encoding ?? '', 'base64')).buffer);
    await eventually('the agent asks for its gallery', () => site.central.asks.length > 0);
    site.central.change(site.staff.change(...enrolment(randomUUID(), 'Ada', values)));
    await eventually('Ada is told', () =>
      told().some(({ decision, name }) => decision === 'granted' && name === 'Ada'),
    );
    await eventually('the door is told', () =>
      told().some(({ kind, message }) => kind === 'door' && message === 'opened'),
    );

    const adaId = told().find(({ name }) => name === 'Ada')?.personId ?? '';
    const other = latchkeyAgent('claim', randomUUID());
    expect((await other.closed)[0]).toBe(1);
    expect(other.errors.join()).toMatch(/not-found/);
    const before = site.faces().length;
    expect((await latchkeyAgent('claim', adaId).closed)[0]).toBe(0);
    const claimed = () =>
      site
        .faces()
        .slice(before)
        .filter(({ claimedPersonId }) => claimedPersonId === adaId);
    await eventually('the face is compared with the claimed person', () => claimed().length > 0);
    expect(['granted', 'denied']).toContain(claimed()[0]?.decision);
    await eventually('Ada is let in on the claim', () =>
      claimed().some(({ decision, personId }) => decision === 'granted' && personId === adaId),
    );

    const asked = latchkeyAgent('status', '--json');
    await asked.closed;
    expect(agentStatus.parse(JSON.parse(asked.lines.join('')))).toMatchObject({
      connected: true,
      configRevision: 1,
      gallery: { people: 1, encodings: 1, partlyLocked: false, locked: false },
    });

    await site.agent.stop();
    expect((await watching.closed)[0]).toBe(0);
  }, 180_000);
});
