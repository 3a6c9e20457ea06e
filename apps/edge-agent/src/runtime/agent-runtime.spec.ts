import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { AgentRuntime } from './agent-runtime.ts';
import type { Feature } from './feature.ts';

const silent = pino({ level: 'silent' });

function features(log: string[], ...behaviours: Partial<Feature>[]): Feature[] {
  return behaviours.map((behaviour, i) => ({
    name: `${i}`,
    start: () => void log.push(`start ${i}`),
    stop: () => void log.push(`stop ${i}`),
    ...behaviour,
  }));
}

describe('agent runtime', () => {
  it('starts in order and stops in the opposite order, once', async () => {
    const log: string[] = [];
    const runtime = new AgentRuntime(features(log, {}, {}), silent);
    await runtime.start();
    await runtime.start();
    await runtime.stop();
    await runtime.stop();
    expect(log).toEqual(['start 0', 'start 1', 'stop 1', 'stop 0']);
  });

  it('undoes a start that fails half-way', async () => {
    const log: string[] = [];
    const fails = { start: () => Promise.reject(new Error('no')) };
    const runtime = new AgentRuntime(features(log, {}, fails, {}), silent);
    await expect(runtime.start()).rejects.toThrow('no');
    expect(log).toEqual(['start 0', 'stop 1', 'stop 0']);
  });

  it('stops the others when one fails or hangs', async () => {
    const log: string[] = [];
    const hangs = { stop: () => new Promise<void>(() => undefined) };
    const fails = { stop: () => Promise.reject(new Error('no')) };
    const runtime = new AgentRuntime(features(log, {}, hangs, fails, {}), silent, 10);
    await runtime.start();
    await runtime.stop();
    expect(log.filter((line) => line.startsWith('stop'))).toEqual(['stop 3', 'stop 0']);
  });
});
