import { DamagedOutbox, type LocalDatabase, type Outbox } from '@latchkey/link';
import type { Salvage } from './database-recovery.ts';

/** Lets an outbox take over what can be read of a damaged database, and says in a sentence what that was. */
export function saveOutbox(outbox: Outbox, damaged: LocalDatabase): Salvage {
  const { pending, lost, unnamed } = outbox.adopt(new DamagedOutbox(damaged));
  const saved = `${pending} events that wait for central were saved`;
  if (lost === 0 && unnamed === 0) return { isComplete: true, summary: `${saved}, none was lost.` };
  const nameless = unnamed > 0 ? `, and ${unnamed} more whose stream nobody knows any more` : '';
  return { isComplete: false, summary: `${saved}; ${lost} are lost and declared as dropped${nameless}.` };
}
