import { groupView, page } from '@latchkey/contracts';
import { z } from 'zod';

/** Answer of `GET groups`. */
export const groupPage = page(groupView);

/** Where a page of groups ends. */
export const groupCursor = z.strictObject({ id: z.string().max(64) });
