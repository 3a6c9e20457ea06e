import type { ToldDecision } from './edge-agent.ts';
import type { Showing } from './edge-projector.ts';

/** How well somebody said who came, counted in presences of one person. */
export interface RightNames {
  readonly presences: number;
  /** Told as who they are: known people by name, strangers as such. */
  readonly right: number;
  /** Told as somebody else, or let in although nobody knows them. */
  readonly wrong: number;
  /** The others, with what was told of them. */
  readonly missed: readonly string[];
}

/** Between the picture that a decision rests on and the line that tells it. */
const tellingMs = 100;

/** Compares what was told with who was there; who is not told at all is neither right nor wrong. */
export function countRightNames(showings: readonly Showing[], decisions: readonly ToldDecision[]): RightNames {
  // The last one is still there.
  const whole = showings.slice(0, -1);
  let [right, wrong] = [0, 0];
  const missed: string[] = [];
  for (const { actors, fromMs, untilMs } of whole) {
    const [actor] = actors;
    const told = decisions.filter(({ atMs }) => atMs - tellingMs >= fromMs && atMs - tellingMs < untilMs);
    const granted = told.filter(({ decision }) => decision === 'granted');
    const isWrong = granted.some(({ personId }) => !actor?.isKnown || personId !== actor.personId);
    if (isWrong) wrong++;
    else if (actor?.isKnown ? granted.length > 0 : told.some(({ decision }) => decision === 'unknown')) right++;
    else missed.push(`${actor?.name}: ${told.map(({ decision }) => decision).join(', ') || 'nothing told'}`);
  }
  return { presences: whole.length, right, wrong, missed };
}
