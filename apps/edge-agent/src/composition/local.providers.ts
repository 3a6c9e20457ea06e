import type { Clock } from '@latchkey/domain';
import { MqttSession, Outbox } from '@latchkey/link';
import type { FaceAnalyzer } from '@latchkey/vision';
import type { Provider } from '@nestjs/common';
import type { AgentOptions } from '../agent-options.ts';
import { DeviceClock } from '../clock/device-clock.ts';
import { DeviceConfiguration } from '../configuration/device-configuration.ts';
import { EventRecorder } from '../events/event-recorder.ts';
import { LiveGallery } from '../gallery/live-gallery.ts';
import { LocalSocket } from '../local-page/local-socket.ts';
import { PresenceReporter } from '../presence/presence-reporter.ts';
import type { BuildInfo } from '../runtime/build-info.ts';
import { ANALYZER, BUILD, CLOCK, OPTIONS } from './tokens.ts';

/** What tells people on the device's own machine how the agent is. */
export const localProviders: Provider[] = [
  {
    provide: LocalSocket,
    inject: [
      OPTIONS,
      BUILD,
      ANALYZER,
      MqttSession,
      DeviceClock,
      DeviceConfiguration,
      LiveGallery,
      Outbox,
      PresenceReporter,
      EventRecorder,
      CLOCK,
    ],
    useFactory: (
      { config, identity, logger }: AgentOptions,
      { version }: BuildInfo,
      { engine, model }: FaceAnalyzer,
      session: MqttSession,
      deviceClock: DeviceClock,
      configuration: DeviceConfiguration,
      gallery: LiveGallery,
      outbox: Outbox,
      presence: PresenceReporter,
      recorder: EventRecorder,
      clock: Clock,
    ) =>
      new LocalSocket({
        agentDir: config.agentDir,
        recorder,
        status: () => ({
          siteId: identity.siteId,
          deviceId: identity.deviceId,
          agentVersion: version,
          engine,
          modelId: model.id,
          connected: session.connected,
          clockTrusted: deviceClock.trusted,
          configRevision: configuration.current.revision,
          gallery: { ...gallery.size, partlyLocked: gallery.partlyLocked },
          outboxPending: outbox.stats().pending,
          telemetry: presence.lastTelemetry,
        }),
        nameOf: (personId) => gallery.person(personId)?.name ?? null,
        clock,
        logger,
      }),
  },
];
