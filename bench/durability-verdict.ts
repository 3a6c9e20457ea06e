import { droppedBody } from '@latchkey/contracts';
import { inRanges, type SequenceRange } from '@latchkey/domain';

/** An event of central's log. */
export interface LoggedEvent {
  /** Ascending in the order in which central filed the events. */
  readonly position: number;
  readonly stream_id: string;
  readonly seq: number;
  readonly id: string;
  readonly kind: string;
  readonly body: unknown;
}

/** An event that the agent had on its disk. */
export interface StoredEvent {
  readonly streamId: string;
  readonly seq: number;
  readonly id: string;
}

/** What a run must not have. */
export interface Verdict {
  /** Numbers that were given out, are not in the log and that no `dropped` event names. */
  readonly lost: number;
  /** Rows of the log whose number or id another row has. */
  readonly doubled: number;
  /** Events that stand under another number or time than they were born with. */
  readonly disordered: number;
  /**
   * Events that were filed after one of their stream with a higher number. No fault: what was lost on its way is sent again, and
   * central takes younger ones meanwhile. Their numbers say where they belong.
   */
  readonly late: number;
  /** Numbers that `dropped` events name. */
  readonly declared: number;
  /** Of those, how many are in the log all the same: their acknowledgement was what got lost. */
  readonly declaredAndLogged: number;
  readonly streams: number;
  readonly logged: number;
}

/**
 * Compares central's log with what an agent did.
 * @param stored events that the agent said were on its disk.
 * @param lastSeqs the last number of each stream as the disk has it at the end.
 */
export function judge(
  logged: readonly LoggedEvent[],
  stored: readonly StoredEvent[],
  lastSeqs: ReadonlyMap<string, number>,
): Verdict {
  const byStream = new Map<string, Map<number, string>>();
  const ids = new Set<string>();
  const last = new Map(lastSeqs);
  let doubled = 0;
  for (const { stream_id, seq, id } of logged) {
    const stream = byStream.get(stream_id) ?? new Map<number, string>();
    byStream.set(stream_id, stream);
    if (stream.has(seq) || ids.has(id)) doubled++;
    stream.set(seq, id);
    ids.add(id);
    last.set(stream_id, Math.max(last.get(stream_id) ?? 0, seq));
  }
  let disordered = 0;
  for (const { streamId, seq, id } of stored) {
    const there = byStream.get(streamId)?.get(seq);
    if (there !== undefined && there !== id) disordered++;
    last.set(streamId, Math.max(last.get(streamId) ?? 0, seq));
  }
  for (const stream of byStream.values()) disordered += disorderOf(stream);
  const gaps = gapsOf(logged);
  const totals = { lost: 0, declared: 0, declaredAndLogged: 0 };
  for (const [streamId, to] of last) {
    for (let seq = 1; seq <= to; seq++) {
      const isLogged = byStream.get(streamId)?.has(seq) ?? false;
      const isDeclared = inRanges(gaps.get(streamId) ?? [], seq);
      if (isDeclared) totals.declared++;
      if (isDeclared && isLogged) totals.declaredAndLogged++;
      if (!isDeclared && !isLogged) totals.lost++;
    }
  }
  return { ...totals, doubled, disordered, late: lateOf(logged), streams: byStream.size, logged: logged.length };
}

/** Events of a stream that are older than one with a lower number; ids (UUIDv7) begin with the time in milliseconds. */
function disorderOf(stream: ReadonlyMap<number, string>): number {
  const times = [...stream].sort(([a], [b]) => a - b).map(([, id]) => id.slice(0, 13));
  return times.filter((time, i) => time < (times[i - 1] ?? '')).length;
}

/** Events that stand behind one of their stream with a higher number. */
function lateOf(logged: readonly LoggedEvent[]): number {
  const highest = new Map<string, number>();
  let late = 0;
  for (const { stream_id, seq } of [...logged].sort((a, b) => a.position - b.position)) {
    const before = highest.get(stream_id) ?? 0;
    if (seq < before) late++;
    else highest.set(stream_id, seq);
  }
  return late;
}

/** The numbers that the log's `dropped` events name, by stream. */
function gapsOf(logged: readonly LoggedEvent[]): ReadonlyMap<string, SequenceRange[]> {
  const gaps = new Map<string, SequenceRange[]>();
  for (const { kind, body, stream_id } of logged) {
    if (kind !== 'dropped') continue;
    const { from, to, streams } = droppedBody.parse(body);
    for (const { streamId, ranges } of streams ?? [{ streamId: stream_id, ranges: [[from, to] as const] }]) {
      gaps.set(streamId, [...(gaps.get(streamId) ?? []), ...ranges]);
    }
  }
  return gaps;
}
