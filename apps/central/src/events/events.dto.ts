import { eventsQuery, eventView, page } from '@latchkey/contracts';
import { z } from 'zod';

/** Answer of `GET events`. */
export const eventPage = page(eventView);

/** Where a page of events ends: the position of its last event. */
export const eventCursor = z.strictObject({ position: z.string().regex(/^\d{1,18}$/) });

/** Query of `GET events/stream`: the filters of the list. */
export const streamQuery = eventsQuery.omit({ limit: true, cursor: true }).extend({
  /** As the header `Last-Event-ID`, for those who cannot set headers. */
  lastEventId: z.string().max(50).optional(),
});
export type StreamQuery = z.infer<typeof streamQuery>;
