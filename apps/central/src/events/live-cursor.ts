import { LatchkeyError } from '@latchkey/domain';

/**
 * A place in the live stream: everything of transactions before `xid` was seen, and of that transaction everything up to
 * `position`. Both are decimal numbers of up to 20 digits.
 */
export interface LiveCursor {
  readonly xid: string;
  readonly position: string;
}

/** The cursor as the `id` of a server-sent event. */
export function formatCursor({ xid, position }: LiveCursor): string {
  return `${xid}-${position}`;
}

/**
 * The cursor that {@link formatCursor} wrote.
 * @throws LatchkeyError `invalid-input` for anything else.
 */
export function parseCursor(text: string): LiveCursor {
  const [, xid, position] = /^(\d{1,19})-(\d{1,18})$/.exec(text) ?? [];
  if (xid === undefined || position === undefined) {
    throw new LatchkeyError('invalid-input', 'Last-Event-ID is not one of this stream; connect without it.');
  }
  return { xid, position };
}

/** Negative when `a` is before `b`, 0 when equal, positive when after. */
export function compareCursors(a: LiveCursor, b: LiveCursor): number {
  const byXid = BigInt(a.xid) - BigInt(b.xid);
  const difference = byXid === 0n ? BigInt(a.position) - BigInt(b.position) : byXid;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
