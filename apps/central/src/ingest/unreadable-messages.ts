import { parseTopic } from '@latchkey/contracts';
import type { LatchkeyError } from '@latchkey/domain';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { LinkService } from '../link/link.service.ts';
import { LOGGER } from '../runtime/runtime.module.ts';
import { Turns } from '../runtime/turns.ts';
import { IngestRepository } from './ingest.repository.ts';

/**
 * Keeps events whose envelope is not valid in the dead-letter table. They cannot be acknowledged, because nobody knows their
 * number; messages of other topics that are not of their form are only logged: they come again by themselves.
 */
@Injectable()
export class UnreadableMessages implements OnModuleInit {
  readonly #logger: Logger;
  /** A device that says nothing but nonsense takes one of ingest's connections and leaves the other to the log. */
  readonly #turns = new Turns(1);

  constructor(
    @Inject(IngestRepository) private readonly repository: IngestRepository,
    @Inject(LinkService) private readonly link: LinkService,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#logger = logger.child({ part: 'ingest' });
  }

  onModuleInit(): void {
    this.link.handleInvalid((topic, bytes, error) => this.keep(topic, bytes, error));
  }

  /** Logs a message and, when it came on an event topic, keeps it. */
  async keep(topic: string, payload: Uint8Array, error: LatchkeyError): Promise<void> {
    this.#logger.warn({ topic, code: error.code, why: error.message }, 'refused a message');
    const parsed = parseTopic(topic);
    if (parsed?.name !== 'event') return;
    const { site = null, device = null } = parsed.params;
    const { code, message } = error;
    await this.#turns.take(() =>
      this.repository.keepUnreadable({ topic, siteId: site, deviceId: device, code, message, payload }),
    );
  }
}
