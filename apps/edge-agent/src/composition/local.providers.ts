import type { AgentLine, AgentStatus } from '@latchkey/contracts';
import type { Clock } from '@latchkey/domain';
import { MqttSession, Outbox } from '@latchkey/link';
import type { FaceAnalyzer } from '@latchkey/vision';
import type { Provider } from '@nestjs/common';
import type { AgentOptions } from '../agent-options.ts';
import { DeviceClock } from '../clock/device-clock.ts';
import { DeviceConfiguration } from '../configuration/device-configuration.ts';
import { ClaimDesk } from '../deciding/claim-desk.ts';
import { EventRecorder } from '../events/event-recorder.ts';
import { LiveGallery } from '../gallery/live-gallery.ts';
import { OfflineGrace } from '../gallery/offline-grace.ts';
import { EventFeed } from '../local-page/event-feed.ts';
import { LiveView } from '../local-page/live-view.ts';
import { LocalPage } from '../local-page/local-page.ts';
import { LocalSocket } from '../local-page/local-socket.ts';
import { PresenceReporter } from '../presence/presence-reporter.ts';
import type { BuildInfo } from '../runtime/build-info.ts';
import type { CameraStation } from './camera-station.ts';
import { ANALYZER, BUILD, CAMERAS, CLOCK, OPTIONS } from './tokens.ts';

/** What people on the device's own machine are told. */
interface LocalSources {
  readonly status: () => AgentStatus;
  readonly nameOf: (personId: string) => string | null;
  readonly feed: (format: (line: AgentLine) => string) => EventFeed;
}

const SOURCES = Symbol('local sources');

/** What tells people on the device's own machine how the agent is: a socket for the command line, and a page. */
export const localProviders: Provider[] = [
  { provide: LiveView, inject: [CLOCK], useFactory: (clock: Clock) => new LiveView(clock) },
  {
    provide: SOURCES,
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
      OfflineGrace,
    ],
    useFactory: (
      { identity: { siteId, deviceId } }: AgentOptions,
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
      grace: OfflineGrace,
    ): LocalSources => {
      const nameOf = (personId: string) => gallery.person(personId)?.name ?? null;
      return {
        status: () => ({
          siteId,
          deviceId,
          agentVersion: version,
          engine,
          modelId: model.id,
          connected: session.connected,
          clockTrusted: deviceClock.trusted,
          configRevision: configuration.current.revision,
          gallery: {
            ...gallery.size,
            partlyLocked: gallery.partlyLocked,
            locked: grace.locked || configuration.unknown,
          },
          outboxPending: outbox.stats().pending,
          telemetry: presence.lastTelemetry,
        }),
        nameOf,
        feed: (format) => new EventFeed({ recorder, nameOf, clock, format }),
      };
    },
  },
  {
    provide: LocalSocket,
    inject: [OPTIONS, SOURCES, ClaimDesk],
    useFactory: (
      { config: { agentDir }, logger }: AgentOptions,
      { status, nameOf, feed }: LocalSources,
      claims: ClaimDesk,
    ) =>
      new LocalSocket({
        agentDir,
        feed: feed((line) => `${JSON.stringify(line)}\n`),
        status,
        claim: ({ personId, forS }) => {
          if (nameOf(personId) === null) return false;
          claims.place(personId, forS * 1_000);
          return true;
        },
        logger,
      }),
  },
  {
    provide: LocalPage,
    inject: [OPTIONS, SOURCES, LiveView, CAMERAS],
    useFactory: (
      { config: { agentDir, localPage }, logger }: AgentOptions,
      { status, nameOf, feed }: LocalSources,
      view: LiveView,
      cameras: readonly CameraStation[],
    ) =>
      new LocalPage({
        agentDir,
        listen: localPage,
        cameraIds: cameras.map(({ config }) => config.id),
        view,
        feed: feed((line) => `data: ${JSON.stringify(line)}\n\n`),
        status,
        nameOf,
        logger,
      }),
  },
];
