import { type DroppedBody, droppedBody, type EventKind } from '@latchkey/contracts';
import { type SequenceRange, toRanges } from '@latchkey/domain';
import { parseBody } from './outbox-row.ts';

/**
 * Kinds in the order in which a full outbox gives them up: the state of the device first (PROTOCOL.md §2), then earlier records
 * of gaps, which are named again and so only merge, then who was merely seen, what a door did, and last what somebody may have
 * tried to hide.
 */
export const dropOrder = [
  'health',
  'dropped',
  'recognition',
  'unknown',
  'spoof',
  'door',
  'verification',
  'tamper',
] as const satisfies readonly EventKind[];

/** Ranges in one `dropped` event, as the contract allows: about 20 KB of text. */
const maxRangesPerEvent = 500;

/** Numbers of one stream that are given up. */
export interface StreamGap {
  readonly streamId: string;
  readonly ranges: readonly SequenceRange[];
}

/** A pending event that a full outbox may give up. */
export interface DroppableEvent {
  readonly rowOrder: number;
  readonly streamId: string;
  readonly seq: number;
  readonly kind: EventKind;
  readonly body: string;
  readonly bytes: number;
}

/** Events to give up, and the numbers to name for it: in fewer `dropped` events than they are. */
export interface DropPlan {
  readonly gone: readonly DroppableEvent[];
  readonly gaps: readonly StreamGap[];
  /** One of them is a `dropped` event that cannot be read: what it had named is not among the gaps. */
  readonly isGapLost: boolean;
}

/**
 * Chooses `count` events to give up, or as many more as it takes for a place to become free: `dropped` events that are full need
 * as many others in their place. Null when all together would free none; then nothing can go without a gap that nobody names.
 * @param leastImportant so many events that may go, in the order in which they should.
 */
export function planDrop(
  count: number,
  ownStreamId: string,
  leastImportant: (count: number) => readonly DroppableEvent[],
): DropPlan | null {
  for (let wanted = count; ; wanted *= 2) {
    const gone = leastImportant(wanted);
    const earlier = gone.filter(({ kind }) => kind === 'dropped').map(earlierGapsOf);
    const gaps = [...gapsOfEvents(gone), ...earlier.flatMap((named) => named ?? [])];
    const isFewer = droppedBodiesOf(gaps, ownStreamId).length < gone.length;
    if (isFewer) return { gone, gaps, isGapLost: earlier.includes(null) };
    if (gone.length < wanted) return null;
  }
}

/** What a `dropped` event that is itself given up had named, null when it cannot be read. */
function earlierGapsOf({ body, streamId }: DroppableEvent): StreamGap[] | null {
  const { data } = droppedBody.safeParse(parseBody(body));
  return data ? gapsOf(data, streamId) : null;
}

/** The numbers that a `dropped` event already stands for: when it has to go itself, they are named again. */
export function gapsOf(body: DroppedBody, ownStreamId: string): StreamGap[] {
  return body.streams ?? [{ streamId: ownStreamId, ranges: [[body.from, body.to]] }];
}

/**
 * The fewest bodies of `dropped` events that name exactly these numbers: one for every 500 ranges. Gaps that are one run of
 * `ownStreamId` give the plain `{from,to,count}`.
 */
export function droppedBodiesOf(gaps: readonly StreamGap[], ownStreamId: string): DroppedBody[] {
  const pieces = merge(gaps).flatMap(({ streamId, ranges }) => ranges.map((range) => ({ streamId, range })));
  const bodies: DroppedBody[] = [];
  for (let start = 0; start < pieces.length; start += maxRangesPerEvent) {
    const part = pieces.slice(start, start + maxRangesPerEvent);
    bodies.push(bodyOf(merge(part.map(({ streamId, range }) => ({ streamId, ranges: [range] }))), ownStreamId));
  }
  return bodies;
}

function merge(gaps: readonly StreamGap[]): StreamGap[] {
  const byStream = new Map<string, SequenceRange[]>();
  for (const { streamId, ranges } of gaps) byStream.set(streamId, [...(byStream.get(streamId) ?? []), ...ranges]);
  return [...byStream].map(([streamId, ranges]) => ({ streamId, ranges: joinRanges(ranges) }));
}

/** Ascending ranges of the same numbers, touching and overlapping ones joined. */
function joinRanges(ranges: readonly SequenceRange[]): SequenceRange[] {
  const joined: [number, number][] = [];
  for (const [from, to] of [...ranges].sort(([a], [b]) => a - b)) {
    const last = joined.at(-1);
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else joined.push([from, to]);
  }
  return joined;
}

function bodyOf(gaps: readonly StreamGap[], ownStreamId: string): DroppedBody {
  const ranges = gaps.flatMap((gap) => gap.ranges);
  const body: DroppedBody = {
    from: Math.min(...ranges.map(([from]) => from)),
    to: Math.max(...ranges.map(([, to]) => to)),
    count: ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0),
  };
  const [only] = gaps;
  if (gaps.length === 1 && only?.streamId === ownStreamId && only.ranges.length === 1) return body;
  return {
    ...body,
    streams: gaps.map((gap) => ({ streamId: gap.streamId, ranges: gap.ranges.map(([from, to]) => [from, to]) })),
  };
}

/** Single events as gaps. */
export function gapsOfEvents(events: readonly { readonly streamId: string; readonly seq: number }[]): StreamGap[] {
  const byStream = new Map<string, number[]>();
  for (const { streamId, seq } of events) {
    const known = byStream.get(streamId);
    if (known) known.push(seq);
    else byStream.set(streamId, [seq]);
  }
  return [...byStream].map(([streamId, sequences]) => ({ streamId, ranges: toRanges(sequences) }));
}
