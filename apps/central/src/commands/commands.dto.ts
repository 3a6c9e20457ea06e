import { commandView } from '@latchkey/contracts';
import { z } from 'zod';

/** Answer of `GET devices/{id}/commands`. */
export const commandList = z.array(commandView);
