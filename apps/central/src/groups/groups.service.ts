import type { CentralConfig } from '@latchkey/config';
import type { CreateGroupRequest, GroupView, PageQuery } from '@latchkey/contracts';
import { contentHashOf, genesisHash, LatchkeyError } from '@latchkey/domain';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from 'pino';
import { decodeCursor, type Page, pageOf } from '../http/paging.ts';
import { FaceAnalysis } from '../recognition/face-analysis.ts';
import { CENTRAL_CONFIG, LOGGER } from '../runtime/runtime.module.ts';
import { GroupRepository } from './group.repository.ts';
import { groupCursor } from './groups.dto.ts';

/** The group that people join when nobody says which, and new devices hold. */
export const defaultGroupId = 'everyone';

/** Groups of people that devices hold. */
@Injectable()
export class GroupsService implements OnApplicationBootstrap {
  constructor(
    @Inject(GroupRepository) private readonly groups: GroupRepository,
    @Inject(FaceAnalysis) private readonly analysis: FaceAnalysis,
    @Inject(CENTRAL_CONFIG) private readonly config: CentralConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Makes the default group; without face analysis its model is not known yet, and the first who needs it makes it. */
  async onApplicationBootstrap(): Promise<void> {
    await this.ensureDefault().catch((err: unknown) => {
      this.logger.error({ err, part: 'groups' }, `group "${defaultGroupId}" could not be made yet`);
    });
  }

  /**
   * Makes the default group unless it is there.
   * @throws LatchkeyError `engine-unavailable` when it is not there and the model that it is for is not known.
   */
  async ensureDefault(): Promise<void> {
    if ((await this.groups.find(defaultGroupId)) !== null) return;
    await this.#insert({ id: defaultGroupId, name: 'Everyone' });
  }

  /** Groups by id. */
  async list({ limit, cursor }: PageQuery): Promise<Page<GroupView>> {
    const { id: after } = decodeCursor(groupCursor, cursor) ?? { id: '' };
    return pageOf(await this.groups.list(after, limit + 1), limit, ({ id }) => ({ id }));
  }

  /** @throws LatchkeyError `not-found`. */
  async get(id: string): Promise<GroupView> {
    const group = await this.groups.find(id);
    if (!group) throw new LatchkeyError('not-found', `There is no group "${id}".`);
    return group;
  }

  /** @throws LatchkeyError `conflict` when the id is taken, `engine-unavailable`. */
  async create(request: CreateGroupRequest): Promise<GroupView> {
    if (!(await this.#insert(request))) {
      throw new LatchkeyError('conflict', `There is a group "${request.id}" already; choose another id.`);
    }
    return this.get(request.id);
  }

  async #insert({ id, name, siteId = this.config.siteId }: CreateGroupRequest): Promise<boolean> {
    const { id: modelId } = await this.analysis.model();
    return this.groups.insert({
      id,
      siteId,
      name,
      logHash: genesisHash(siteId, id, 1),
      contentHash: contentHashOf([]),
      modelId,
    });
  }
}
