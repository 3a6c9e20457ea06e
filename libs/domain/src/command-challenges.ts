/** Milliseconds since the machine started, its time asleep included (`CLOCK_BOOTTIME`): no setting of the wall clock moves it. */
export type BootMs = number;

/** What a challenge was given for. A signed answer must name all of it. */
export interface ChallengedCommand {
  /** Name of the command, as in its topic. */
  readonly command: string;
  /** Central's id of this one command. */
  readonly commandId: string;
  /** The device's random number. */
  readonly nonce: string;
}

/** A challenge that nobody has answered yet. */
interface OpenChallenge extends ChallengedCommand {
  readonly issuedAt: BootMs;
}

/**
 * Challenges that a device has given and that may still be answered. It lives in the memory of one process and is never stored:
 * a book out of a file would take an old answer again after a restore (PROTOCOL.md §4).
 */
export interface ChallengeBook {
  /** Oldest first. */
  readonly open: readonly OpenChallenge[];
}

/**
 * What an answer is worth. `fresh`: the command is carried out, once. `late`: the challenge is of this process and its time is
 * over. `unknown`: no open challenge is like that; it was answered before, is another device's, or of an earlier process.
 */
export type ChallengeVerdict = 'fresh' | 'late' | 'unknown';

/** A challenge may be answered for 5 s (PROTOCOL.md §4). */
export const challengeValidMs = 5_000;
/** Central has few commands under way at one door; whoever repeats its questions must not fill the memory. */
const maxOpen = 16;
/** A challenge that ran out is remembered this long, so that a slow network is told from a replay. */
const rememberLateMs = 60_000;

/** The book of a process that has just started. */
export const emptyChallengeBook: ChallengeBook = { open: [] };

/** Notes a challenge that is about to be sent. Above 16 the oldest is forgotten, which refuses its answer. */
export function issueChallenge(book: ChallengeBook, challenge: ChallengedCommand, now: BootMs): ChallengeBook {
  const { command, commandId, nonce } = challenge;
  const remembered = book.open.filter(({ issuedAt }) => now - issuedAt < rememberLateMs);
  return { open: [...remembered, { command, commandId, nonce, issuedAt: now }].slice(-maxOpen) };
}

/**
 * Judges an answer. A challenge that was named is used up whatever the verdict, so nothing is `fresh` twice. A clock that went
 * back, which a boot clock never does, makes every answer late.
 */
export function answerChallenge(
  book: ChallengeBook,
  answer: ChallengedCommand,
  now: BootMs,
): { readonly book: ChallengeBook; readonly verdict: ChallengeVerdict } {
  const named = book.open.find(({ nonce }) => nonce === answer.nonce);
  if (!named) return { book, verdict: 'unknown' };
  const rest: ChallengeBook = { open: book.open.filter((challenge) => challenge !== named) };
  if (named.command !== answer.command || named.commandId !== answer.commandId)
    return { book: rest, verdict: 'unknown' };
  const age = now - named.issuedAt;
  return { book: rest, verdict: age >= 0 && age < challengeValidMs ? 'fresh' : 'late' };
}
