import { type GalleryHead, hashOf } from '@latchkey/domain';
import { integerOf, type LocalDatabase, storedText, textOf } from '@latchkey/link';
import { z } from 'zod';

/** A gallery as it lies on disk. Rows of other generations than the head's are not part of it. */
export interface StoredHead extends GalleryHead {
  readonly groupId: string;
  readonly generation: number;
}

const unhashedRow = z.object({
  groupId: storedText,
  generation: z.number().int(),
  epoch: z.number().int(),
  revision: z.number().int(),
  logHash: storedText,
  contentHash: storedText,
});

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
  const rows = database.all(
    `SELECT ${textOf('group_id')}, ${textOf('log_hash')}, ${textOf('content_hash')},
       ${['generation', 'epoch', 'revision'].map(integerOf).join(', ')} FROM gallery_head`,
  );
  for (const { group_id: groupId, log_hash: logHash, content_hash: contentHash, ...numbers } of rows) {
    const head = unhashedRow.safeParse({ groupId, logHash, contentHash, ...numbers });
    if (!head.success) continue;
    database.run('UPDATE gallery_head SET row_hash = ? WHERE group_id = ?', [headHash(head.data), head.data.groupId]);
  }
}
