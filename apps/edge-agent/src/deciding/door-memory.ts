import type { DoorHistory, DoorRules, FaceDecision } from '@latchkey/domain';
import {
  type Clock,
  failuresOf,
  isReady,
  type LockOuts,
  nobodyReady,
  noLockOuts,
  noPassages,
  type Passages,
  type ReadyPersons,
  recordFailure,
  recordPassage,
  recordReady,
  recordSuccess,
  resumeLockOuts,
  resumePassages,
} from '@latchkey/domain';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { SettingsRepository } from '../store/settings.repository.ts';

const monotonicMs = z.number();
const keptMemory = z.strictObject({
  keptAt: monotonicMs,
  passages: z.array(z.tuple([z.string(), monotonicMs])),
  lockOuts: z.array(
    z.tuple([
      z.string(),
      z.strictObject({
        failures: z.array(monotonicMs).readonly(),
        strikes: z.number().int().min(0),
        until: monotonicMs.nullable(),
      }),
    ]),
  ),
});

interface Kept {
  readonly passages: Passages;
  readonly lockOuts: LockOuts;
}

/**
 * What the door remembers of decisions: who passed, who failed, who waits for a second person. All cameras of the door share
 * it. Times are monotonic, so setting the clock changes nothing. Passages and lock-outs are on disk, because pulling the plug
 * must not end them: after a restart they go on as if no time had passed. Waiting persons are not; they show themselves anew.
 */
export class DoorMemory {
  private readonly settings: SettingsRepository;
  private readonly clock: Clock;
  private readonly logger: Logger;
  private loaded: Kept | null = null;
  private ready: ReadyPersons = nobodyReady;
  private generation: number | null = null;

  constructor(settings: SettingsRepository, clock: Clock, logger: Logger) {
    this.settings = settings;
    this.clock = clock;
    this.logger = logger;
  }

  /**
   * What decisions need to know.
   * @param generation of the gallery: with another one nobody waits any more, perhaps they were removed.
   */
  history(generation: number): DoorHistory {
    if (generation !== this.generation) this.ready = nobodyReady;
    this.generation = generation;
    return { ...this.kept, ready: this.ready };
  }

  /** Notes who would be, or is, let in together with another. */
  noteReady(decision: FaceDecision, trackId: string, escorted: boolean, rules: DoorRules): void {
    const { personId } = decision;
    if (personId === null || !isReady(decision)) return;
    const at = this.clock.monotonicMs();
    this.ready = recordReady(this.ready, { personId, trackId, escorted, at }, rules.twoPerson.withinS * 1000);
  }

  /**
   * Puts on disk what a decision leaves behind, before its event: a crash between them makes the door stricter, never laxer.
   * @returns makes it count; to be called when the event is on disk.
   * @throws LatchkeyError `storage-full`, `storage-failed`.
   */
  keep(decision: FaceDecision, rules: DoorRules): () => void {
    const before = this.kept;
    const after = this.after(before, decision, rules);
    if (after.passages === before.passages && after.lockOuts === before.lockOuts) return () => undefined;
    this.write(after);
    return () => {
      this.loaded = after;
    };
  }

  /** The door did not open for somebody: they have not passed. */
  takeBack(personId: string): void {
    const { passages, lockOuts } = this.kept;
    if (!passages.has(personId)) return;
    this.loaded = { passages: new Map([...passages].filter(([id]) => id !== personId)), lockOuts };
    try {
      this.write(this.loaded);
    } catch (error) {
      this.logger.error({ error }, 'a passage that did not happen stays on disk');
    }
  }

  private after(before: Kept, decision: FaceDecision, rules: DoorRules): Kept {
    const at = this.clock.monotonicMs();
    const { outcome, personId } = decision;
    const lockOuts = failuresOf(decision).reduce(
      (all, key) => recordFailure(all, key, at, rules.lockOut),
      before.lockOuts,
    );
    if (outcome !== 'granted' || personId === null) return { passages: before.passages, lockOuts };
    const { mode, windowS } = rules.antiPassback;
    return {
      passages: mode === 'off' ? before.passages : recordPassage(before.passages, personId, at, windowS * 1000),
      lockOuts: recordSuccess(lockOuts, personId),
    };
  }

  private write({ passages, lockOuts }: Kept): void {
    this.settings.write('door-memory', {
      keptAt: this.clock.monotonicMs(),
      passages: [...passages],
      lockOuts: [...lockOuts],
    } satisfies z.infer<typeof keptMemory>);
  }

  private get kept(): Kept {
    this.loaded ??= this.read();
    return this.loaded;
  }

  private read(): Kept {
    try {
      const stored = this.settings.read('door-memory', keptMemory);
      if (stored) {
        const at = this.clock.monotonicMs();
        return {
          passages: resumePassages(new Map(stored.passages), stored.keptAt, at),
          lockOuts: resumeLockOuts(new Map(stored.lockOuts), stored.keptAt, at),
        };
      }
    } catch (error) {
      this.logger.error({ error }, 'what the door remembered cannot be read; it begins anew');
    }
    return { passages: noPassages, lockOuts: noLockOuts };
  }
}
