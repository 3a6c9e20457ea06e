import { monitorEventLoopDelay } from 'node:perf_hooks';
import {
  type AgentIdentity,
  buildTopic,
  type CameraTelemetry,
  encodePayload,
  type MachineTelemetry,
  type Telemetry,
} from '@latchkey/contracts';
import type { Clock } from '@latchkey/domain';
import type { OutboxStats } from '@latchkey/link';
import type { Logger } from 'pino';
import type { Messenger } from '../messages/messenger.ts';
import type { RecognitionStatistics } from '../recognition/recognition-statistics.ts';
import type { Feature } from '../runtime/feature.ts';
import { RepeatedFailure } from '../runtime/repeated-failure.ts';
import type { MachineGauges } from '../telemetry/machine-gauges.ts';
import { ProcessLoad } from '../telemetry/process-load.ts';
import type { DevicePresence } from './device-presence.ts';

/** DESIGN.md §4: every 10 s. */
const telemetryMs = 10_000;
/** How often the loop is probed; Node's histogram holds whole intervals, so this much of each value is no delay. */
const probeMs = 10;

/** Options of {@link PresenceReporter}. */
export interface PresenceReporterOptions {
  readonly messenger: Messenger;
  readonly identity: AgentIdentity;
  readonly presence: DevicePresence;
  readonly statistics: RecognitionStatistics;
  /** What the cameras did since the last call. */
  readonly cameras: (nowMs: number) => CameraTelemetry[];
  readonly outbox: () => OutboxStats;
  readonly clock: Clock;
  readonly clockTrusted: () => boolean;
  readonly engine: string | null;
  /** Whether nobody is recognised because central was not heard for too long. */
  readonly galleryLocked: () => boolean;
  readonly machine: MachineGauges;
  readonly logger: Logger;
}

/** Publishes the birth at every connect, telemetry every 10 s, and the farewell of an orderly end. */
export class PresenceReporter implements Feature {
  readonly name = 'presence';
  /** What was told last; null before the first time. */
  lastTelemetry: Telemetry | null = null;
  private readonly options: PresenceReporterOptions;
  private readonly load: ProcessLoad;
  private readonly failure: RepeatedFailure;
  private readonly loopDelay = monitorEventLoopDelay({ resolution: probeMs });
  private ticking: NodeJS.Timeout | null = null;
  private stopListening: (() => void) | null = null;

  constructor(options: PresenceReporterOptions) {
    this.options = options;
    this.failure = new RepeatedFailure(options.logger, 'telemetry cannot be told');
    this.load = new ProcessLoad(process.cpuUsage(), options.clock.monotonicMs());
  }

  start(): void {
    if (this.ticking) return;
    this.loopDelay.enable();
    this.options.machine.start();
    this.stopListening = this.options.messenger.onConnected(() => void this.publishPresence('online'));
    this.ticking = setInterval(() => void this.tell(), telemetryMs);
  }

  async stop(): Promise<void> {
    if (!this.ticking) return;
    clearInterval(this.ticking);
    this.ticking = null;
    this.stopListening?.();
    this.loopDelay.disable();
    this.options.machine.stop();
    // Without a connection there is nobody to say good-bye to; the Will has said it.
    await this.publishPresence('offline').catch(() => undefined);
  }

  private publishPresence(state: 'online' | 'offline'): Promise<void> {
    const { messenger, presence } = this.options;
    return messenger.publish(presence.topic, presence.payload(state), { qos: 1, retain: true });
  }

  /** Tells how the device is, now. Never throws: a disk that cannot be read is told to the log. */
  async tell(): Promise<void> {
    try {
      this.send(this.telemetry(await this.options.machine.read()));
      this.failure.ended();
    } catch (error) {
      this.failure.happened(error);
    }
  }

  private send(telemetry: Telemetry): void {
    const { messenger, identity, logger } = this.options;
    this.lastTelemetry = telemetry;
    logger.debug(telemetry, 'telemetry');
    const topic = buildTopic('telemetry', { site: identity.siteId, device: identity.deviceId });
    if (messenger.connected) void messenger.publish(topic, encodePayload('telemetry', telemetry), { qos: 0 });
  }

  private telemetry(machine: MachineTelemetry | null): Telemetry {
    const { statistics, cameras, clock, clockTrusted, outbox, engine, galleryLocked } = this.options;
    const { pending, pendingBytes } = outbox();
    const eventLoopP99Ms = Math.max(0, this.loopDelay.percentile(99) / 1e6 - probeMs);
    this.loopDelay.reset();
    const nowMs = clock.monotonicMs();
    return {
      at: new Date(clock.now()).toISOString(),
      uptimeS: Math.round(process.uptime()),
      ...statistics.take(nowMs),
      outboxPending: pending,
      outboxBytes: pendingBytes,
      rssBytes: process.memoryUsage.rss(),
      eventLoopP99Ms: Number.isFinite(eventLoopP99Ms) ? Math.round(eventLoopP99Ms * 10) / 10 : 0,
      cpuShare: this.load.take(process.cpuUsage(), nowMs),
      clockTrusted: clockTrusted(),
      engine,
      cameras: cameras(nowMs),
      galleryLocked: galleryLocked(),
      ...(machine && { machine }),
    };
  }
}
