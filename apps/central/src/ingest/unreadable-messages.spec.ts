import { describe, expect, it } from '@jest/globals';
import { LatchkeyError } from '@latchkey/domain';
import { gate } from '@latchkey/testing';
import { pino } from 'pino';
import type { LinkService } from '../link/link.service.ts';
import type { IngestRepository, UnreadableMessage } from './ingest.repository.ts';
import { UnreadableMessages } from './unreadable-messages.ts';

describe('messages that are no events', () => {
  it('are kept one after the other, however many come at once', async () => {
    const hold = gate();
    const kept: string[] = [];
    let atOnce = 0;
    let most = 0;
    const repository = {
      keepUnreadable: async ({ topic }: UnreadableMessage) => {
        most = Math.max(most, ++atOnce);
        await hold.opened;
        kept.push(topic);
        atOnce--;
      },
    } as IngestRepository;
    const messages = new UnreadableMessages(repository, {} as LinkService, pino({ level: 'silent' }));
    const topics = Array.from({ length: 20 }, (_, i) => `latchkey/v1/main/door-${i}/event/health`);
    const error = new LatchkeyError('invalid-payload', 'It is no JSON.');
    const all = topics.map((topic) => messages.keep(topic, Buffer.from('{'), error));
    hold.open();
    await Promise.all(all);
    expect([most, kept]).toEqual([1, topics]);
  });
});
