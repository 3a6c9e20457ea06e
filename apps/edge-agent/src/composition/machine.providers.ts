import { randomBytes } from 'node:crypto';
import type { Clock } from '@latchkey/domain';
import { LocalDatabase, Outbox } from '@latchkey/link';
import type { FaceAnalyzer } from '@latchkey/vision';
import type { Provider } from '@nestjs/common';
import type { AgentOptions } from '../agent-options.ts';
import { DeviceClock } from '../clock/device-clock.ts';
import { EventRecorder } from '../events/event-recorder.ts';
import { HealthLog } from '../events/health-log.ts';
import { TamperLog } from '../events/tamper-log.ts';
import { RecognitionStatistics } from '../recognition/recognition-statistics.ts';
import { type BuildInfo, readBuildInfo } from '../runtime/build-info.ts';
import { SystemClock } from '../runtime/system-clock.ts';
import { noteDamage, openAgentDatabase } from '../store/agent-database.ts';
import type { OpenedAgentDatabase } from '../store/database-recovery.ts';
import { GalleryRepository } from '../store/gallery.repository.ts';
import { saveOutbox } from '../store/saved-outbox.ts';
import { SettingsRepository } from '../store/settings.repository.ts';
import { ANALYZER, BUILD, CLOCK, OPENED, OPTIONS } from './tokens.ts';

const dayMs = 24 * 3_600_000;

/** Clocks, disk and engine of the machine, and the log that is kept on it. */
export const machineProviders: Provider[] = [
  {
    provide: CLOCK,
    inject: [OPTIONS],
    useFactory: ({ parts }: AgentOptions): Clock => parts?.clock ?? new SystemClock(),
  },
  { provide: BUILD, useFactory: readBuildInfo },
  {
    provide: OPENED,
    inject: [OPTIONS, CLOCK],
    useFactory: ({ config, logger, onDamaged }: AgentOptions, clock: Clock): OpenedAgentDatabase<Outbox> => {
      const prepare = (database: LocalDatabase): Outbox => {
        const outbox = new Outbox({
          database,
          clock,
          randomBytes,
          maxEvents: config.outboxMaxEvents,
          keepAckedMs: config.outboxKeepDays * dayMs,
        });
        outbox.open();
        return outbox;
      };
      const opened = openAgentDatabase(config.agentDir, String(clock.now()), prepare, saveOutbox);
      opened.database.endOnDamage((damage) => {
        logger.fatal({ error: damage }, 'the database is damaged; nobody is let in, and the next start recovers it');
        try {
          noteDamage(config.agentDir, damage.message);
        } catch (error) {
          logger.error({ error }, 'the damage could not be noted; the check at the next start has to find it');
        }
        onDamaged?.(damage);
      });
      return opened;
    },
  },
  {
    provide: LocalDatabase,
    inject: [OPENED],
    useFactory: ({ database }: OpenedAgentDatabase<Outbox>) => database,
  },
  { provide: Outbox, inject: [OPENED], useFactory: ({ prepared }: OpenedAgentDatabase<Outbox>) => prepared },
  {
    provide: SettingsRepository,
    inject: [LocalDatabase],
    useFactory: (database: LocalDatabase) => new SettingsRepository(database),
  },
  {
    provide: GalleryRepository,
    inject: [LocalDatabase],
    useFactory: (database: LocalDatabase) => new GalleryRepository(database),
  },
  {
    provide: RecognitionStatistics,
    inject: [CLOCK],
    useFactory: (clock: Clock) => new RecognitionStatistics(clock.monotonicMs()),
  },
  {
    provide: DeviceClock,
    inject: [CLOCK, SettingsRepository, BUILD],
    useFactory: (clock: Clock, settings: SettingsRepository, { builtAt }: BuildInfo) =>
      new DeviceClock(clock, settings, builtAt),
  },
  {
    provide: EventRecorder,
    inject: [Outbox, DeviceClock, OPTIONS],
    useFactory: (outbox: Outbox, clock: DeviceClock, { logger }: AgentOptions) =>
      new EventRecorder(outbox, () => clock.stamp(), logger),
  },
  {
    provide: TamperLog,
    inject: [EventRecorder, CLOCK, OPTIONS],
    useFactory: (recorder: EventRecorder, clock: Clock, { logger }: AgentOptions) =>
      new TamperLog(recorder, clock, logger),
  },
  {
    provide: HealthLog,
    inject: [EventRecorder, DeviceClock, BUILD, ANALYZER, OPENED, OPTIONS],
    useFactory: (
      recorder: EventRecorder,
      clock: DeviceClock,
      { version }: BuildInfo,
      { engine, model }: FaceAnalyzer,
      { movedAside }: OpenedAgentDatabase<Outbox>,
      { logger }: AgentOptions,
    ) =>
      new HealthLog(
        recorder,
        clock,
        `Latchkey ${version}, engine ${engine}, model ${model.id}.`,
        movedAside &&
          `A new database was begun: ${movedAside.reason} ${movedAside.salvage} ${movedAside.path === null ? 'The old one was removed.' : `The old one lies at "${movedAside.path}".`}`,
        logger,
      ),
  },
];
