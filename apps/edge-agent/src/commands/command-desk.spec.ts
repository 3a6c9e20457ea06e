import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type AgentIdentity,
  type CommandMessage,
  type CommandReport,
  type CommandResult,
  commandNames,
  commandResult,
  encodePayload,
} from '@latchkey/contracts';
import { type MessageHandler, SigningKeys, type Subscription } from '@latchkey/link';
import { eventually, ManualClock, type TemporaryFolder, temporaryFolder } from '@latchkey/testing';
import { pino } from 'pino';
import { EventRecorder, type EventStore } from '../events/event-recorder.ts';
import { TamperLog } from '../events/tamper-log.ts';
import type { Messenger } from '../messages/messenger.ts';
import { SignedInbox } from '../messages/signed-inbox.ts';
import { CommandDesk, type CommandHandlers } from './command-desk.ts';

const silent = pino({ level: 'silent' });
const topic = 'latchkey/v1/main/front/command/open-door';
const commandId = '0190a0f0-0000-7000-8000-000000000001';
const otherId = '0190a0f0-0000-7000-8000-000000000002';
const done: CommandReport = { outcome: 'done', message: 'ok' };

describe('command desk', () => {
  let folder: TemporaryFolder;
  let keys: SigningKeys;
  let bootMs: number;
  let nonces: number;
  let desk: CommandDesk;
  let handlers: Map<string, MessageHandler>;
  let told: CommandResult[];
  let carriedOut: string[];
  let tampers: string[];
  let report: Promise<CommandReport>;

  beforeEach(() => {
    folder = temporaryFolder();
    keys = SigningKeys.loadOrCreate(folder.file('keys'));
    bootMs = 1_000_000;
    nonces = 0;
    handlers = new Map();
    told = [];
    carriedOut = [];
    tampers = [];
    report = Promise.resolve(done);
    start();
  });

  afterEach(async () => {
    await desk.stop();
    folder.remove();
  });

  /** A desk as a new process has it. */
  function start(): void {
    const messenger: Messenger = {
      connected: true,
      publish: async (to, payload) => {
        expect(to).toMatch(/^latchkey\/v1\/main\/front\/command\/[a-z-]+\/result$/);
        told.push(commandResult.parse(JSON.parse(String(payload))));
      },
      subscribe: (filter, handler) => {
        handlers.set(filter, handler);
        return { close: async () => void handlers.delete(filter) } as unknown as Subscription;
      },
      onConnected: () => () => undefined,
    };
    const identity: AgentIdentity = {
      siteId: 'main',
      deviceId: 'front',
      mqtt: { url: 'mqtt://127.0.0.1', username: 'main/front', password: 'secret' },
      trustedKeys: [...keys.trustedKeys()],
    };
    const store = {
      append: ({ body }) => {
        if ('what' in body) tampers.push(body.what);
        return {};
      },
    } as EventStore;
    const stamp = { occurredAt: 0, clockOffsetMs: null, clockTrusted: false };
    const tamper = new TamperLog(new EventRecorder(store, () => stamp, silent), new ManualClock(), silent);
    const carryOut = async ({ name }: { name: string }) => {
      carriedOut.push(name);
      return { report: await report };
    };
    desk = new CommandDesk({
      inbox: new SignedInbox(messenger, identity, tamper, silent),
      messenger,
      identity,
      bootClock: () => bootMs,
      newNonce: () => (++nonces).toString(16).padStart(32, '0'),
      handlers: Object.fromEntries(commandNames.map((name) => [name, carryOut])) as unknown as CommandHandlers,
      logger: silent,
    });
    desk.start();
  }

  const signed = (message: CommandMessage, on = topic): Buffer =>
    Buffer.from(
      keys.sign('command', { topic: on, audience: 'main/front', payload: encodePayload('command', message) }),
    );

  const receive = (payload: Uint8Array, on = topic): void => {
    void handlers.get(on)?.({ topic: on, payload, retained: false, duplicate: false });
  };

  /** Asks for a challenge. */
  function challenged(): string {
    receive(signed({ step: 'ask', commandId }));
    const last = told.at(-1);
    if (last?.step !== 'challenge') throw new Error('no challenge came');
    return last.nonce;
  }

  const answer = (nonce: string, changes: Partial<Extract<CommandMessage, { step: 'execute' }>> = {}): Buffer =>
    signed({ step: 'execute', commandId, nonce, call: { name: 'open-door' }, ...changes });

  it('carries out the signed answer to its own challenge, and says how it ended', async () => {
    const nonce = challenged();
    expect(carriedOut).toEqual([]);
    receive(answer(nonce));
    await eventually('it has ended', () => told.length > 1);
    expect(carriedOut).toEqual(['open-door']);
    expect(told.at(-1)).toEqual({ step: 'end', commandId, nonce, report: done });
    expect(tampers).toEqual([]);
  });

  it('takes no answer in which any byte was changed, and then the right one', async () => {
    const message = answer(challenged());
    for (let at = 0; at < message.length; at++) {
      const changed = Buffer.from(message);
      changed[at] = (changed[at] ?? 0) ^ 1;
      receive(changed);
    }
    expect([carriedOut, new Set(tampers)]).toEqual([[], new Set(['signature-invalid'])]);
    receive(message);
    await eventually('it has ended', () => told.length > 1);
    expect(carriedOut).toEqual(['open-door']);
  });

  it.each([
    ['another nonce', (nonce: string) => answer(nonce.replace(/.$/, 'f'))],
    ['another command’s id', (nonce: string) => answer(nonce, { commandId: otherId })],
  ])('takes no answer with %s', (_, made) => {
    receive(made(challenged()));
    expect([carriedOut, tampers]).toEqual([[], ['replayed']]);
  });

  it('takes no command on the topic of another one', () => {
    const on = topic.replace('open-door', 'restart');
    receive(signed({ step: 'execute', commandId, nonce: challenged(), call: { name: 'open-door' } }, on), on);
    expect([carriedOut, tampers]).toEqual([[], ['signature-invalid']]);
  });

  it('takes nothing that another key signed', () => {
    const nonce = challenged();
    const payload = encodePayload('command', { step: 'execute', commandId, nonce, call: { name: 'open-door' } });
    receive(Buffer.from(keys.sign('config', { topic, audience: 'main/front', payload })));
    expect([carriedOut, tampers]).toEqual([[], ['signature-invalid']]);
  });

  it('refuses an answer after 5 s of the boot clock, and says so', async () => {
    const nonce = challenged();
    bootMs += 5_000;
    receive(answer(nonce));
    expect([carriedOut, told.at(-1)]).toMatchObject([[], { step: 'end', report: { outcome: 'refused' } }]);
    receive(answer(nonce));
    expect([carriedOut, tampers]).toEqual([[], ['replayed']]);
  });

  it('asks for a new answer when one to a command that moves no door came too late, and takes that', async () => {
    const on = topic.replace('open-door', 'restart');
    const execute = (nonce: string) => signed({ step: 'execute', commandId, nonce, call: { name: 'restart' } }, on);
    receive(signed({ step: 'ask', commandId }, on), on);
    const [first] = told;
    bootMs += 5_000;
    receive(execute(first?.step === 'challenge' ? first.nonce : ''), on);
    const second = told[1];
    expect([carriedOut, second?.step]).toEqual([[], 'challenge']);
    receive(execute(second?.step === 'challenge' ? second.nonce : ''), on);
    await eventually('it has ended', () => told.length > 2);
    expect([carriedOut, told[2]]).toMatchObject([['restart'], { step: 'end', report: done }]);
  });

  it('carries out a command once, also when two challenges of it are answered', async () => {
    const [one, other] = [challenged(), challenged()];
    receive(answer(one));
    await eventually('it has ended', () => told.length > 2);
    receive(answer(other));
    expect(told.slice(2)).toEqual(Array(2).fill({ step: 'end', commandId, nonce: one, report: done }));
    expect([carriedOut, tampers]).toEqual([['open-door'], []]);
  });

  it('refuses an answer to a challenge of the process before it', async () => {
    const message = answer(challenged());
    await desk.stop();
    start();
    receive(message);
    expect([carriedOut, tampers]).toEqual([[], ['replayed']]);
  });

  it('tells again how a command ended that is asked for again, and does not carry it out again', async () => {
    const nonce = challenged();
    receive(answer(nonce));
    await eventually('it has ended', () => told.length > 1);
    receive(signed({ step: 'ask', commandId }));
    expect(told.slice(1)).toEqual(Array(2).fill({ step: 'end', commandId, nonce, report: done }));
    expect([carriedOut, tampers]).toEqual([['open-door'], []]);
  });

  it('gives no second challenge while a command runs', async () => {
    let finish: (report: CommandReport) => void = () => undefined;
    report = new Promise((resolve) => {
      finish = resolve;
    });
    receive(answer(challenged()));
    receive(signed({ step: 'ask', commandId }));
    expect(told).toHaveLength(1);
    finish(done);
    await eventually('it has ended', () => told.length > 1);
  });

  it('says that a command failed when its handler throws', async () => {
    report = Promise.reject(new Error('secret path'));
    report.catch(() => undefined);
    receive(answer(challenged()));
    await eventually('it has ended', () => told.length > 1);
    expect(told.at(-1)).toMatchObject({
      report: { outcome: 'failed', message: expect.not.stringContaining('secret') },
    });
  });

  it('hears nothing before it is started and after it is stopped', async () => {
    await desk.stop();
    await desk.stop();
    receive(signed({ step: 'ask', commandId }));
    expect([told, handlers.size]).toEqual([[], 0]);
  });
});
