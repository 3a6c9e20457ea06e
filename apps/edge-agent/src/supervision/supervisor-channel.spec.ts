import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { type IpcProcess, SupervisorChannel } from './supervisor-channel.ts';

/** The supervised end of an IPC channel, as `process` has it. */
class FakeProcess extends EventEmitter {
  connected = true;
  readonly sent: unknown[] = [];

  send(message: unknown): boolean {
    this.sent.push(message);
    return true;
  }

  disconnect(): void {
    this.connected = false;
  }
}

function aChannel() {
  const process = new FakeProcess();
  const channel = new SupervisorChannel(process as unknown as IpcProcess);
  const stops: string[] = [];
  channel.onStop((why) => stops.push(why));
  return { process, channel, stops };
}

describe('line to the supervisor', () => {
  it('carries messages while it is there', () => {
    const { process, channel } = aChannel();
    channel.send({ type: 'progress', line: 'compiling' });
    channel.close();
    channel.send({ type: 'progress', line: 'lost' });
    expect(process.sent).toEqual([{ type: 'progress', line: 'compiling' }]);
  });

  it('ends the agent when the supervisor says so, and on nothing else', () => {
    const { process, stops } = aChannel();
    for (const message of [null, 'stop', { type: 'open-door' }, { type: 'stop', now: true }])
      process.emit('message', message);
    expect(stops).toEqual([]);
    process.emit('message', { type: 'stop' });
    expect(stops).toHaveLength(1);
  });

  it('ends the agent when the supervisor is gone', () => {
    const { process, stops } = aChannel();
    process.emit('disconnect');
    expect(stops).toHaveLength(1);
  });
});
