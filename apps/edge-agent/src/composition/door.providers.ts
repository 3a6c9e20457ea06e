import { randomInt, randomUUID } from 'node:crypto';
import { type AgentConfig, describeDoorHardware } from '@latchkey/config';
import type { Clock } from '@latchkey/domain';
import { EventUplink, LocalDatabase, MqttSession, Outbox } from '@latchkey/link';
import type { FaceAnalyzer } from '@latchkey/vision';
import type { Provider } from '@nestjs/common';
import type { AgentOptions } from '../agent-options.ts';
import { DeviceClock } from '../clock/device-clock.ts';
import { CommandDesk } from '../commands/command-desk.ts';
import { DeviceConfiguration } from '../configuration/device-configuration.ts';
import { ClaimDesk } from '../deciding/claim-desk.ts';
import { DoorMemory } from '../deciding/door-memory.ts';
import { FaceDecider } from '../deciding/face-decider.ts';
import { DoorDriver } from '../door/door-driver.ts';
import { type DoorHardware, lockOf } from '../door/door-hardware.ts';
import { DoorPartLog } from '../door/door-part-log.ts';
import { openDoor } from '../door/open-door.ts';
import { EventRecorder } from '../events/event-recorder.ts';
import { HealthLog } from '../events/health-log.ts';
import { GallerySync } from '../gallery/gallery-sync.ts';
import { LiveGallery } from '../gallery/live-gallery.ts';
import { OfflineGrace } from '../gallery/offline-grace.ts';
import { LocalPage } from '../local-page/local-page.ts';
import { LocalSocket } from '../local-page/local-socket.ts';
import { PresenceReporter } from '../presence/presence-reporter.ts';
import type { RecognitionLoop } from '../recognition/recognition-loop.ts';
import { RecognitionStatistics } from '../recognition/recognition-statistics.ts';
import { AgentRuntime } from '../runtime/agent-runtime.ts';
import type { Feature } from '../runtime/feature.ts';
import { SettingsRepository } from '../store/settings.repository.ts';
import { ANALYZER, CLOCK, LOOPS, NEW_DECIDER, OPTIONS } from './tokens.ts';

/** From faces to the door, and the order in which all parts start. */
export const doorProviders: Provider[] = [
  {
    provide: DoorDriver,
    inject: [OPTIONS, EventRecorder, CLOCK, DeviceConfiguration],
    useFactory: (options: AgentOptions, recorder: EventRecorder, clock: Clock, configuration: DeviceConfiguration) =>
      new DoorDriver({
        hardware: hardwareOf(options, clock, recorder),
        recorder,
        clock,
        times: () => ({ ...timesOf(options.config), holdOpenMs: configuration.current.door.holdOpenMs }),
        sessionId: randomUUID(),
        logger: options.logger,
      }),
  },
  {
    provide: DoorMemory,
    inject: [SettingsRepository, CLOCK, OPTIONS],
    useFactory: (settings: SettingsRepository, clock: Clock, { logger }: AgentOptions) =>
      new DoorMemory(settings, clock, logger),
  },
  { provide: ClaimDesk, inject: [CLOCK], useFactory: (clock: Clock) => new ClaimDesk(clock) },
  {
    // Each camera has one of its own: faces of two pictures are no track.
    provide: NEW_DECIDER,
    inject: [
      ANALYZER,
      LiveGallery,
      EventRecorder,
      DoorDriver,
      DeviceConfiguration,
      DeviceClock,
      CLOCK,
      RecognitionStatistics,
      DoorMemory,
      ClaimDesk,
      OfflineGrace,
      OPTIONS,
    ],
    useFactory:
      (
        { model }: FaceAnalyzer,
        gallery: LiveGallery,
        recorder: EventRecorder,
        door: DoorDriver,
        configuration: DeviceConfiguration,
        deviceClock: DeviceClock,
        clock: Clock,
        statistics: RecognitionStatistics,
        memory: DoorMemory,
        claims: ClaimDesk,
        grace: OfflineGrace,
        { logger }: AgentOptions,
      ) =>
      (): FaceDecider =>
        new FaceDecider({
          model,
          gallery,
          recorder,
          door,
          doorPolicy: () => configuration.current.door,
          schedule: (id) => configuration.schedule(id),
          memory,
          claims,
          // Without its rules a door might open for a picture that they refuse.
          isLocked: () => grace.locked || configuration.unknown,
          time: () => deviceClock.time,
          clock,
          newId: randomUUID,
          chance: () => randomInt(2 ** 32) / 2 ** 32,
          onDecided: (latencyMs) => statistics.decided(latencyMs),
          logger,
        }),
  },
  {
    provide: AgentRuntime,
    inject: [
      OPTIONS,
      ANALYZER,
      LocalDatabase,
      Outbox,
      MqttSession,
      DeviceClock,
      DeviceConfiguration,
      GallerySync,
      OfflineGrace,
      DoorDriver,
      CommandDesk,
      EventUplink,
      PresenceReporter,
      HealthLog,
      LocalSocket,
      LocalPage,
      LOOPS,
    ],
    useFactory: (
      { logger, parts }: AgentOptions,
      analyzer: FaceAnalyzer,
      database: LocalDatabase,
      outbox: Outbox,
      session: MqttSession,
      clock: DeviceClock,
      configuration: DeviceConfiguration,
      gallery: GallerySync,
      grace: OfflineGrace,
      door: DoorDriver,
      commands: CommandDesk,
      uplink: EventUplink,
      presence: PresenceReporter,
      health: HealthLog,
      local: LocalSocket,
      page: LocalPage,
      recognition: readonly RecognitionLoop[],
    ) => {
      // What is started first is stopped last: the disk closes after everything, the line to central before it.
      const disk: Feature = {
        name: 'disk',
        start: () => outbox.open(),
        stop: () => {
          outbox.close();
          database.close();
        },
      };
      const engine: Feature = {
        name: 'engine',
        start: () => undefined,
        // An analyzer that was brought along is its owner's.
        stop: () => (parts?.analyzer ? undefined : analyzer.dispose()),
      };
      const broker: Feature = { name: 'broker', start: () => session.start(), stop: () => session.stop() };
      const events: Feature = { name: 'events', start: () => uplink.start(), stop: () => uplink.stop() };
      return new AgentRuntime(
        [
          disk,
          engine,
          broker,
          clock,
          configuration,
          grace,
          gallery,
          door,
          commands,
          events,
          presence,
          local,
          page,
          health,
          ...recognition,
        ],
        logger,
      );
    },
  },
];

function timesOf({ doorHardware: { relockMs, heldOpenAfterMs, actuatorTimeoutMs } }: AgentConfig) {
  return { relockMs, heldOpenAfterMs, actuatorTimeoutMs };
}

function hardwareOf({ config, parts, logger }: AgentOptions, clock: Clock, recorder: EventRecorder): DoorHardware {
  const { doorHardware } = config;
  const log = new DoorPartLog(recorder, logger);
  const opened = openDoor(doorHardware, clock, (report) => log.note(report), logger);
  logger.info({ door: parts?.door ? 'brought along' : describeDoorHardware(doorHardware) }, 'the door of this agent');
  return {
    lock: parts?.door ? lockOf(parts.door) : opened.lock,
    inputs: parts?.doorInputs ?? opened.inputs,
    exitOpens: opened.exitOpens,
  };
}
