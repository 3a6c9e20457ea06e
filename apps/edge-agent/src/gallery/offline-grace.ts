import type { Clock } from '@latchkey/domain';
import { z } from 'zod';
import type { Feature } from '../runtime/feature.ts';
import type { SettingsRepository } from '../store/settings.repository.ts';

/** How often the time is put on disk. */
const keepEveryMs = 60_000;

/** Options of {@link OfflineGrace}. */
export interface OfflineGraceOptions {
  readonly clock: Clock;
  readonly settings: SettingsRepository;
  /** How long the device may go without an answer of central, null: for ever. */
  readonly graceMs: () => number | null;
  /** Told when the gallery is locked, and when it is not any more. */
  readonly onChange: (locked: boolean) => void;
}

/**
 * How long nothing authentic was heard of central, and whether that is too long to go on recognising people by what was known
 * then (PROTOCOL.md §3). Counted on the monotonic clock and kept on disk: neither setting the clock nor pulling the plug begins
 * it anew. Each start counts as the minute that may not have been kept.
 */
export class OfflineGrace implements Feature {
  readonly name = 'offline grace';
  private readonly options: OfflineGraceOptions;
  private keptMs = 0;
  private sinceMs: number;
  private told = false;
  private timer: NodeJS.Timeout | null = null;

  constructor(options: OfflineGraceOptions) {
    this.options = options;
    this.sinceMs = options.clock.monotonicMs();
  }

  start(): void {
    if (this.timer) return;
    this.keptMs = this.read();
    this.sinceMs = this.options.clock.monotonicMs();
    this.keep();
    this.timer = setInterval(() => this.check(), keepEveryMs);
    this.timer.unref();
  }

  stop(): void {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = null;
    this.keep();
  }

  /** How long central was not heard, in milliseconds of running. */
  get offlineMs(): number {
    return this.keptMs + Math.max(0, this.options.clock.monotonicMs() - this.sinceMs);
  }

  /** Whether nobody may be recognised any more. */
  get locked(): boolean {
    const graceMs = this.options.graceMs();
    // Negated: a time that is no number is too long.
    return graceMs !== null && !(this.offlineMs < graceMs);
  }

  /** Central has answered, authentically. */
  heard(): void {
    this.keptMs = 0;
    this.sinceMs = this.options.clock.monotonicMs();
    this.check();
  }

  /** Keeps the time and tells what has changed. */
  check(): void {
    this.keep();
    const { locked } = this;
    if (locked === this.told) return;
    this.told = locked;
    this.options.onChange(locked);
  }

  private read(): number {
    try {
      const kept = this.options.settings.read('offline-ms', z.number().min(0));
      return kept === null ? 0 : kept + keepEveryMs;
    } catch {
      // Nobody knows how long: too long, until central answers.
      return Number.POSITIVE_INFINITY;
    }
  }

  private keep(): void {
    const { offlineMs } = this;
    if (!Number.isFinite(offlineMs)) return;
    try {
      this.options.settings.write('offline-ms', offlineMs);
    } catch {
      // The next minute tries again; a disk that fails shows in the events.
    }
  }
}
