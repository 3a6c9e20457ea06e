import {
  type Clock,
  type ClockReading,
  type ClockTrust,
  confirmClock,
  isClockTrusted,
  type TimeOfDecision,
  unconfirmedClock,
} from '@latchkey/domain';
import { z } from 'zod';
import type { ClockStamp } from '../events/event-recorder.ts';
import type { Feature } from '../runtime/feature.ts';
import type { SettingsRepository } from '../store/settings.repository.ts';

const floorIntervalMs = 10 * 60_000;
const checkIntervalMs = 5_000;

/** Told when the clock begins or ceases to be trusted. */
export type ClockTrustListener = (trusted: boolean) => void;

/**
 * How far the device's clock may be believed (PROTOCOL.md §5). Central's signed answers confirm it; while it is trusted
 * its time is persisted now and then as the floor for the next start.
 */
export class DeviceClock implements Feature {
  readonly name = 'clock';
  private readonly clock: Clock;
  private readonly settings: SettingsRepository;
  private readonly buildDate: number;
  private readonly listeners = new Set<ClockTrustListener>();
  private trust: ClockTrust;
  private told = false;
  private timers: NodeJS.Timeout[] = [];

  constructor(clock: Clock, settings: SettingsRepository, buildDate: number) {
    this.clock = clock;
    this.settings = settings;
    this.buildDate = buildDate;
    this.trust = unconfirmedClock(buildDate, null);
  }

  start(): void {
    if (this.timers.length > 0) return;
    this.trust = unconfirmedClock(this.buildDate, this.keptFloor());
    this.timers = [
      setInterval(() => this.tellChanges(), checkIntervalMs),
      setInterval(() => this.persistFloor(), floorIntervalMs),
    ];
    for (const timer of this.timers) timer.unref();
  }

  stop(): void {
    if (this.timers.length === 0) return;
    for (const timer of this.timers) clearInterval(timer);
    this.timers = [];
    this.persistFloor();
  }

  /** Calls `listener` when the clock begins or ceases to be trusted. Returns its removal. */
  onTrust(listener: ClockTrustListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Both clocks, now. */
  reading(): ClockReading {
    return { now: this.clock.now(), monotonicMs: this.clock.monotonicMs() };
  }

  /** Takes a signed time of central that was bound to a nonce which was sent at `asked`. */
  measured(centralTime: number, asked: ClockReading): void {
    this.trust = confirmClock(this.trust, centralTime, asked, this.reading());
    this.tellChanges();
  }

  get trusted(): boolean {
    return isClockTrusted(this.trust, this.reading());
  }

  /** What decisions may know of the time. */
  get time(): TimeOfDecision {
    return { now: this.clock.now(), trusted: this.trusted, floor: this.trust.floor };
  }

  /** What an event that is written now says about its time. */
  stamp(): ClockStamp {
    return {
      occurredAt: this.clock.now(),
      clockOffsetMs: this.trust.confirmation?.offsetMs ?? null,
      clockTrusted: this.trusted,
    };
  }

  private tellChanges(): void {
    const { trusted } = this;
    if (trusted === this.told) return;
    this.told = trusted;
    for (const listener of this.listeners) listener(trusted);
    this.persistFloor();
  }

  private keptFloor(): number | null {
    try {
      return this.settings.read('clock-floor', z.number());
    } catch {
      // The build date is the floor then; a device that cannot start for a number helps nobody.
      return null;
    }
  }

  private persistFloor(): void {
    if (!this.trusted) return;
    try {
      this.settings.write('clock-floor', this.clock.now());
    } catch {
      // The floor only ever lags: the next one is as good. What is wrong with the disk shows in the events.
    }
  }
}
