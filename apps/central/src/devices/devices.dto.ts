import { deviceView, page, slug } from '@latchkey/contracts';
import { z } from 'zod';

/** Answer of `GET devices`. */
export const devicePage = page(deviceView);

/** Where a page of devices ends. */
export const deviceCursor = z.strictObject({ id: slug });
