import type { EncoderCard } from '@latchkey/vision';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { Database } from '../database/database.ts';
import { FaceAnalysis } from '../recognition/face-analysis.ts';
import { LOGGER } from '../runtime/runtime.module.ts';
import { EncodingUpgrade, isOnePhotosFault } from './encoding-upgrade.ts';
import { ModelUpgradeRepository, type PhotoWithoutEncoding } from './model-upgrade.repository.ts';

/**
 * Keeps people enrolled when central comes with another encoder than the one that the groups are of: at the start their photos
 * are encoded anew, then the groups change over to the model. Central answers meanwhile; devices keep what they have.
 */
@Injectable()
export class ModelUpgrade implements OnApplicationBootstrap, OnApplicationShutdown {
  #running: Promise<void> | null = null;
  #stopped = false;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(FaceAnalysis) private readonly analysis: FaceAnalysis,
    @Inject(ModelUpgradeRepository) private readonly repository: ModelUpgradeRepository,
    @Inject(EncodingUpgrade) private readonly upgrade: EncodingUpgrade,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.#running ??= this.#run().catch((err: unknown) => {
      this.logger.error(
        { err, part: 'people' },
        'people could not be encoded with the present model; restart to try again',
      );
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    const model = await this.analysis.model();
    const groupIds = await this.repository.groupsOfOtherModels(this.database, model.id);
    if (groupIds.length === 0) return;
    this.logger.warn({ part: 'people', groupIds, modelId: model.id }, 'groups change over to the present model');
    const photos = await this.repository.photosWithoutEncoding(this.database, model.id);
    for (const photo of photos) {
      if (this.#stopped) return;
      await this.#encode(photo, model);
    }
    const bare = await this.upgrade.changeOver(groupIds, model.id);
    const facts = { part: 'people', photos: photos.length, modelId: model.id, peopleWithoutFace: bare };
    this.logger.warn(facts, 'groups have changed over to the present model');
  }

  /** A photo in which the present model finds no face leaves its person with one encoding less: the log says so. */
  async #encode({ photoId, personId, eventId }: PhotoWithoutEncoding, model: EncoderCard): Promise<void> {
    try {
      const face = await this.analysis.oneFace(() => this.repository.jpeg(this.database, photoId), photoId);
      await this.upgrade.add({ personId, photoId, eventId, modelId: model.id, values: face.encoding.values });
    } catch (error) {
      if (!isOnePhotosFault(error)) throw error;
      this.logger.warn({ err: error, part: 'people', personId, photoId }, 'a photo could not be encoded anew');
    }
  }
}
