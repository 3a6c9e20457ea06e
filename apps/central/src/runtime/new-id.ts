import { randomBytes } from 'node:crypto';
import { uuidV7 } from '@latchkey/domain';

/** A new UUIDv7. Names things, decides nothing: so it takes the machine's clock as it is. */
export function newId(): string {
  return uuidV7(Date.now(), randomBytes(16));
}
