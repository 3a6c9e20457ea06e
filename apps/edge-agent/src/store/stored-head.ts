import { type GalleryHead, hashOf } from '@latchkey/domain';
import { integerOf, type LocalDatabase, storedText, textOf } from '@latchkey/link';
import { z } from 'zod';

/** A gallery as it lies on disk. Rows of other generations than the head's are not part of it. */
export interface StoredHead extends GalleryHead {
  readonly groupId: string;
  readonly generation: number;
}

/** What is read of a head's row for {@link storedHead}. */
export const headColumns = [
  ...['group_id', 'log_hash', 'content_hash'].map(textOf),
  ...['generation', 'epoch', 'revision'].map(integerOf),
].join(', ');

/** A head out of its row. */
export const storedHead = z
  .object({
    group_id: storedText,
    generation: z.number().int(),
    epoch: z.number().int(),
    revision: z.number().int(),
    log_hash: storedText,
    content_hash: storedText,
  })
  .transform(
    ({ group_id: groupId, log_hash: logHash, content_hash: contentHash, ...numbers }): StoredHead => ({
      groupId,
      logHash,
      contentHash,
      ...numbers,
    }),
  );

/**
 * Hash of everything that a head's row says. The cipher does not authenticate, and a revision that damage has raised would keep
 * a device from every change that is below it.
 */
export function headHash({ groupId, generation, epoch, revision, logHash, contentHash }: StoredHead): string {
  return hashOf([groupId, generation, epoch, revision, logHash, contentHash]);
}

/** Brings a database without hashes of heads to one that has them; a head that cannot be read gets none and counts as altered. */
export function addHeadHashes(database: LocalDatabase): void {
  database.execute('ALTER TABLE gallery_head ADD COLUMN row_hash TEXT');
  for (const row of database.all(`SELECT ${headColumns} FROM gallery_head`)) {
    const head = storedHead.safeParse(row);
    if (!head.success) continue;
    database.run('UPDATE gallery_head SET row_hash = ? WHERE group_id = ?', [headHash(head.data), head.data.groupId]);
  }
}
