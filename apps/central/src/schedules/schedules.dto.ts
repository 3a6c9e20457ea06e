import { page, scheduleView } from '@latchkey/contracts';
import { z } from 'zod';

/** Answer of `GET schedules`. */
export const schedulePage = page(scheduleView);

/** Where a page of schedules ends. */
export const scheduleCursor = z.strictObject({ id: z.string().max(64) });
