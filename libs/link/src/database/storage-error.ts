import { type ErrorCode, LatchkeyError } from '@latchkey/domain';
import Database from 'libsql';

/**
 * What went wrong with a local database, in Latchkey's terms.
 * @param what The attempt, for the message: `open outbox.db`.
 */
export function storageErrorOf(cause: unknown, what: string): LatchkeyError {
  if (cause instanceof LatchkeyError) return cause;
  const code = sqliteCodeOf(cause);
  const reason = cause instanceof Error ? cause.message : String(cause);
  switch (errorCodeOf(code, reason)) {
    case 'storage-corrupt':
      return new LatchkeyError(
        'storage-corrupt',
        `Cannot ${what}: ${reason}. Either its key is another one or the file is damaged; restore both from one backup, or move the file away to begin a new one.`,
        { cause, details: { sqlite: code } },
      );
    case 'storage-full':
      return new LatchkeyError('storage-full', `Cannot ${what}: ${reason}. Free disk space or raise the quota.`, {
        cause,
        details: { sqlite: code },
      });
    case 'storage-failed':
      return new LatchkeyError(
        'storage-failed',
        `Cannot ${what}: ${reason}. Check the disk, the rights on its folder, and that no other process holds it.`,
        { cause, details: { sqlite: code } },
      );
    default:
      return new LatchkeyError('internal', `Cannot ${what}: ${reason}.`, { cause, details: { sqlite: code } });
  }
}

function sqliteCodeOf(cause: unknown): string {
  return cause instanceof Database.SqliteError ? cause.code : '';
}

/** SQLite's result codes (sqlite.org/rescode.html); a quota that is reached answers with a failed write, not with FULL. */
function errorCodeOf(code: string, reason: string): ErrorCode {
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')) return 'storage-corrupt';
  if (code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_WRITE' || code === 'SQLITE_IOERR_SHMSIZE') return 'storage-full';
  if (/^SQLITE_(IOERR|READONLY|CANTOPEN|BUSY|LOCKED|PERM|AUTH)/.test(code)) return 'storage-failed';
  // libsql reports a file that it cannot open as plain text, without a code.
  return reason.includes('Unable to open connection') ? 'storage-failed' : 'internal';
}
