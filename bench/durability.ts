import { parseArgs } from 'node:util';
import { temporaryFolder } from '@latchkey/testing';
import { z } from 'zod';
import { measureDecisions } from './durability-decisions.ts';
import { measureDrain } from './durability-drain.ts';
import { type Figure, figureOf } from './figure.ts';

/** From face to door, DESIGN.md §5: what the disk takes is part of it. */
const budgetMs = 300;
/** A second of a crowd: more faces than cameras at one door can see. */
const storedPerSecond = 50;
/** A week's events in half an hour, so that central has caught up before people come to work. */
const drainedPerSecond = 100_000 / 1_800;

/**
 * `npm run bench -- durability [--rounds N] [--stored N]`: what it costs that an event is on disk before the door moves, beside the
 * same number of bytes written and flushed to a bare file; and how fast what was stored offline reaches the log.
 */
export async function measureDurability(flags: readonly string[]): Promise<readonly Figure[]> {
  const { values } = parseArgs({
    args: flags.filter((flag) => flag !== '--json'),
    options: {
      rounds: { type: 'string', default: '400' },
      stored: { type: 'string', default: '10000' },
    },
  });
  const count = z.coerce.number().int().min(20);
  const stored = count.parse(values.stored);
  const folder = temporaryFolder();
  try {
    const { event, actuator, bare, eventsPerSecond, flushesPerSecond, bytes } = await measureDecisions(
      folder.file('decisions'),
      count.parse(values.rounds),
    );
    const flushed = `${bytes} bytes and fsync`;
    console.error(`An event with a picture of 8 KB is ${bytes} bytes in the write-ahead log.`);
    const time = (id: string, value: number, peer: number) =>
      figureOf({
        id,
        value,
        unit: 'ms',
        goal: budgetMs,
        higherIsBetter: false,
        peer: { name: flushed, value: rounded(peer) },
      });
    const figures = [
      time('durability.event-p50', event.p50, bare.p50),
      time('durability.event-p99', event.p99, bare.p99),
      time('durability.actuator-p50', actuator.p50, bare.p50),
      time('durability.actuator-p99', actuator.p99, bare.p99),
      figureOf({
        id: 'durability.stored',
        value: eventsPerSecond,
        unit: 'events/s',
        goal: storedPerSecond,
        higherIsBetter: true,
        peer: { name: flushed, value: rounded(flushesPerSecond) },
      }),
    ];
    console.error(`${stored} events of a week offline …`);
    const drain = await measureDrain(folder.file('drain'), stored);
    return [
      ...figures,
      figureOf({
        id: 'durability.drain-time',
        value: drain.seconds,
        unit: 's',
        goal: stored / drainedPerSecond,
        higherIsBetter: false,
      }),
      figureOf({
        id: 'durability.forwarded',
        value: stored / drain.seconds,
        unit: 'events/s',
        goal: drainedPerSecond,
        higherIsBetter: true,
      }),
      figureOf({
        id: 'durability.missing',
        value: stored - drain.logged,
        unit: 'events',
        goal: 0,
        higherIsBetter: false,
      }),
    ];
  } finally {
    folder.remove();
  }
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
