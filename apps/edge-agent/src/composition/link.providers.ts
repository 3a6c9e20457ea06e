import { randomBytes, randomUUID } from 'node:crypto';
import { describeCameraSource } from '@latchkey/config';
import { deviceClientId } from '@latchkey/contracts';
import type { Clock } from '@latchkey/domain';
import { EventUplink, MqttSession, Outbox } from '@latchkey/link';
import type { FaceAnalyzer } from '@latchkey/vision';
import type { Provider } from '@nestjs/common';
import type { AgentOptions } from '../agent-options.ts';
import { DeviceClock } from '../clock/device-clock.ts';
import { DeviceConfiguration } from '../configuration/device-configuration.ts';
import { localDoorPolicy } from '../configuration/local-door-policy.ts';
import { HealthLog } from '../events/health-log.ts';
import { TamperLog } from '../events/tamper-log.ts';
import { GallerySync } from '../gallery/gallery-sync.ts';
import { LiveGallery } from '../gallery/live-gallery.ts';
import { OfflineGrace } from '../gallery/offline-grace.ts';
import { SignedInbox } from '../messages/signed-inbox.ts';
import { DevicePresence } from '../presence/device-presence.ts';
import { PresenceReporter } from '../presence/presence-reporter.ts';
import { RecognitionStatistics } from '../recognition/recognition-statistics.ts';
import type { BuildInfo } from '../runtime/build-info.ts';
import { GalleryRepository } from '../store/gallery.repository.ts';
import { SettingsRepository } from '../store/settings.repository.ts';
import { LinuxGauges } from '../telemetry/linux.gauges.ts';
import { FirstGauges } from '../telemetry/machine-gauges.ts';
import { TegrastatsGauges } from '../telemetry/tegrastats.gauges.ts';
import type { CameraStation } from './camera-station.ts';
import { ANALYZER, BUILD, CAMERAS, CLOCK, OPTIONS } from './tokens.ts';

/** What talks with central: session, events upward, configuration and galleries downward. */
export const linkProviders: Provider[] = [
  {
    provide: DevicePresence,
    inject: [OPTIONS, CLOCK, BUILD, ANALYZER],
    useFactory: ({ identity }: AgentOptions, clock: Clock, { version }: BuildInfo, { model, engine }: FaceAnalyzer) =>
      new DevicePresence(identity, clock, randomUUID, { agentVersion: version, modelId: model.id, engine }),
  },
  {
    provide: MqttSession,
    inject: [OPTIONS, DevicePresence],
    useFactory: ({ identity, logger }: AgentOptions, presence: DevicePresence) =>
      new MqttSession({
        ...identity.mqtt,
        clientId: deviceClientId(identity.siteId, identity.deviceId),
        will: () => presence.will(),
        onProblem: ({ code, message }) => logger.warn({ code }, message),
      }),
  },
  {
    provide: EventUplink,
    inject: [OPTIONS, Outbox, MqttSession, DeviceClock],
    useFactory: ({ identity, logger }: AgentOptions, outbox: Outbox, session: MqttSession, clock: DeviceClock) =>
      new EventUplink({
        outbox,
        session,
        siteId: identity.siteId,
        deviceId: identity.deviceId,
        trustedKeys: identity.trustedKeys,
        clockState: () => clock.stamp(),
        onProblem: ({ code, message }) => logger.warn({ code }, message),
      }),
  },
  {
    provide: SignedInbox,
    inject: [MqttSession, OPTIONS, TamperLog],
    useFactory: (session: MqttSession, { identity, logger }: AgentOptions, tamper: TamperLog) =>
      new SignedInbox(session, identity, tamper, logger),
  },
  {
    provide: DeviceConfiguration,
    inject: [MqttSession, SignedInbox, OPTIONS, SettingsRepository],
    useFactory: (
      session: MqttSession,
      inbox: SignedInbox,
      { config, identity, logger }: AgentOptions,
      settings: SettingsRepository,
    ) => new DeviceConfiguration(session, inbox, identity, settings, logger, localDoorPolicy(config.door)),
  },
  {
    provide: LiveGallery,
    inject: [ANALYZER, OPTIONS],
    useFactory: ({ model }: FaceAnalyzer, { logger }: AgentOptions) => {
      const gallery = new LiveGallery(model.id, model.dimension);
      if (gallery.searchNote !== null) logger.info({ part: 'gallery' }, gallery.searchNote);
      return gallery;
    },
  },
  {
    provide: OfflineGrace,
    inject: [CLOCK, SettingsRepository, DeviceConfiguration, HealthLog],
    useFactory: (clock: Clock, settings: SettingsRepository, configuration: DeviceConfiguration, health: HealthLog) =>
      new OfflineGrace({
        clock,
        settings,
        graceMs: () => {
          const { enabled, hours } = configuration.current.door.rules.offlineGrace;
          return enabled ? hours * 3_600_000 : null;
        },
        onChange: (locked) => health.galleryLocked(locked),
      }),
  },
  {
    provide: GallerySync,
    inject: [
      MqttSession,
      SignedInbox,
      OPTIONS,
      DeviceConfiguration,
      GalleryRepository,
      LiveGallery,
      DeviceClock,
      HealthLog,
      Outbox,
      OfflineGrace,
    ],
    useFactory: (
      messenger: MqttSession,
      inbox: SignedInbox,
      { identity, logger }: AgentOptions,
      configuration: DeviceConfiguration,
      repository: GalleryRepository,
      live: LiveGallery,
      clock: DeviceClock,
      health: HealthLog,
      outbox: Outbox,
      grace: OfflineGrace,
    ) =>
      new GallerySync({
        messenger,
        inbox,
        identity,
        configuration,
        repository,
        live,
        reading: () => clock.reading(),
        newNonce: () => randomBytes(16).toString('hex'),
        onFailed: (message) => health.galleryFailed(message),
        onCentral: ({ centralTime, databaseEpoch }, asked) => {
          clock.measured(centralTime, asked);
          grace.heard();
          outbox.noticeDatabaseEpoch(databaseEpoch);
        },
        logger,
      }),
  },
  {
    provide: PresenceReporter,
    inject: [
      MqttSession,
      OPTIONS,
      DevicePresence,
      RecognitionStatistics,
      CAMERAS,
      Outbox,
      CLOCK,
      DeviceClock,
      ANALYZER,
      OfflineGrace,
    ],
    useFactory: (
      messenger: MqttSession,
      { identity, logger }: AgentOptions,
      presence: DevicePresence,
      statistics: RecognitionStatistics,
      cameras: readonly CameraStation[],
      outbox: Outbox,
      clock: Clock,
      deviceClock: DeviceClock,
      { engine }: FaceAnalyzer,
      grace: OfflineGrace,
    ) =>
      new PresenceReporter({
        messenger,
        identity,
        presence,
        statistics,
        cameras: (nowMs) =>
          cameras.map(({ config, log }) => ({
            ...log.take(nowMs),
            source: describeCameraSource(config.source).slice(0, 500),
          })),
        outbox: () => outbox.stats(),
        clock,
        clockTrusted: () => deviceClock.trusted,
        engine,
        galleryLocked: () => grace.locked,
        machine: new FirstGauges([new TegrastatsGauges(), new LinuxGauges()]),
        logger,
      }),
  },
];
