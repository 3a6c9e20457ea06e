import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { LatchkeyError } from '@latchkey/domain';
import Database from 'libsql';
import { type SqlArgument, toBindable } from './sql-argument.ts';
import { storageErrorOf } from './storage-error.ts';

/** Where a {@link LocalDatabase} lies and how it is locked up. */
export interface LocalDatabaseOptions {
  /** The file; its folder is made when it is not there (mode 0700), the file with mode 0600. */
  readonly path: string;
  /** 32 random bytes as 64 hexadecimal digits, see `readOrCreateKey`. */
  readonly encryptionKeyHex: string;
  /** The file may grow to this; a write that needs more fails with `storage-full`. Default: no limit but the disk's. */
  readonly maxBytes?: number;
}

/** A row as SQLite gives it, blobs as bytes. Callers parse it with zod. */
export type SqlRow = Readonly<Record<string, unknown>>;

// Not in libsql's types; names from its `index.js`.
interface EncryptedOptions extends Database.Options {
  readonly encryptionCipher: 'aes256cbc';
  readonly encryptionKey: string;
}

const busyTimeoutMs = 5_000;

/**
 * One encrypted SQLite file (AES-256-CBC per page, also in its write-ahead log), synchronous. A committed transaction is on
 * disk when the call returns: `journal_mode=WAL` with `synchronous=FULL` (PROTOCOL.md §2). The cipher hides, it does not
 * authenticate: whoever needs to notice altered rows keeps hashes of them, as outbox and gallery do.
 */
export class LocalDatabase {
  /** The file. */
  readonly path: string;
  private readonly connection: Database.Database;
  private depth = 0;
  private closed = false;
  private damage: LatchkeyError | null = null;
  private onDamage: ((damage: LatchkeyError) => void) | null = null;

  private constructor(path: string, connection: Database.Database) {
    this.path = path;
    this.connection = connection;
  }

  /**
   * Opens the file, making it when it is not there.
   * @throws LatchkeyError `invalid-input` for a key of another form, `storage-corrupt` for another file's key or a damaged
   * file, `storage-failed` when the file cannot be opened or written.
   */
  static open({ path, encryptionKeyHex, maxBytes }: LocalDatabaseOptions): LocalDatabase {
    if (!/^[0-9a-f]{64}$/.test(encryptionKeyHex)) {
      // An empty key would make libsql write plain text.
      throw new LatchkeyError('invalid-input', 'The key of a local database must be 64 lower-case hexadecimal digits.');
    }
    const what = `open ${basename(path)}`;
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      closeSync(openSync(path, 'a', 0o600));
      chmodSync(path, 0o600);
    } catch (cause) {
      throw new LatchkeyError('storage-failed', `Cannot ${what}: its folder or file cannot be written.`, { cause });
    }
    let connection: Database.Database | undefined;
    try {
      const options: EncryptedOptions = { encryptionCipher: 'aes256cbc', encryptionKey: encryptionKeyHex };
      connection = new Database(path, options);
      const database = new LocalDatabase(path, connection);
      database.prepareConnection(maxBytes);
      return database;
    } catch (cause) {
      connection?.close();
      throw storageErrorOf(cause, what);
    }
  }

  /**
   * From the first damage on that any read or write meets, nothing is read or written any more: whoever goes on with half a
   * database believes what is no longer so. Every later call throws that first error.
   * @param listener told once, before the call that met the damage throws.
   */
  endOnDamage(listener: (damage: LatchkeyError) => void): void {
    this.onDamage = listener;
  }

  /** What a repository throws that finds rows which nobody can have written; counts like damage that SQLite finds. */
  damaged(message: string, cause?: unknown): LatchkeyError {
    return this.noted(new LatchkeyError('storage-corrupt', message, { cause }));
  }

  /**
   * Writes the log into the database and empties it: until then it holds rows as they were before they were deleted.
   * @throws LatchkeyError as {@link run}.
   */
  emptyLog(): void {
    this.attempt('write', () => this.pragma('wal_checkpoint(TRUNCATE)'));
  }

  private prepareConnection(maxBytes: number | undefined): void {
    this.pragma(`busy_timeout=${busyTimeoutMs}`);
    // Reads page 1, so that a wrong key is noticed here and not at the first question.
    this.pragma('schema_version');
    const mode = this.pragma('journal_mode=WAL')?.journal_mode;
    if (mode !== 'wal') {
      throw new LatchkeyError('storage-failed', `${basename(this.path)} has journal mode "${String(mode)}", not WAL.`);
    }
    this.pragma('synchronous=FULL');
    this.pragma('foreign_keys=ON');
    // What is deleted is somebody's face: its bytes must not wait in free pages for another use.
    this.pragma('secure_delete=ON');
    // SQLite's temporary files would not be encrypted.
    this.pragma('temp_store=MEMORY');
    if (maxBytes !== undefined) {
      const pageBytes = Number(this.pragma('page_size')?.page_size);
      this.pragma(`max_page_count=${Math.max(1, Math.floor(maxBytes / pageBytes))}`);
    }
  }

  private pragma(text: string): Record<string, unknown> | undefined {
    const row = this.connection.prepare(`PRAGMA ${text}`).all([])[0];
    return row === undefined ? undefined : (row as Record<string, unknown>);
  }

  /**
   * Executes one statement.
   * @returns how many rows it changed.
   * @throws LatchkeyError `storage-full`, `storage-failed`, `storage-corrupt`, or `internal` for SQL that is wrong.
   */
  run(sql: string, args: readonly SqlArgument[] = []): number {
    return this.attempt('write', () => this.connection.prepare(sql).run(args.map(toBindable)).changes);
  }

  /** The first row of a query, undefined when there is none. Throws as {@link run}. */
  get(sql: string, args: readonly SqlArgument[] = []): SqlRow | undefined {
    const row = this.attempt('read', () => this.connection.prepare(sql).get(args.map(toBindable)));
    return row === undefined || row === null ? undefined : toRow(row);
  }

  /** All rows of a query. Throws as {@link run}. */
  all(sql: string, args: readonly SqlArgument[] = []): SqlRow[] {
    return this.attempt('read', () => this.connection.prepare(sql).all(args.map(toBindable))).map(toRow);
  }

  /** Executes several statements without arguments, as migrations do. Throws as {@link run}. */
  execute(sql: string): void {
    this.attempt('write', () => this.connection.exec(sql));
  }

  /**
   * All of `work` or nothing. Inside another transaction it is a savepoint of it, so that repositories can be combined.
   * @param work Synchronous: a transaction never waits.
   * @throws what `work` throws, after rolling back; otherwise as {@link run}.
   */
  transaction<T>(work: () => T): T {
    const savepoint = `nested_${this.depth}`;
    const outermost = this.depth === 0;
    this.execute(outermost ? 'BEGIN IMMEDIATE' : `SAVEPOINT ${savepoint}`);
    this.depth++;
    try {
      const result = work();
      if (result instanceof Promise) {
        result.catch(() => undefined);
        throw new LatchkeyError('internal', 'The work of a local transaction must not wait; read and write first.');
      }
      this.execute(outermost ? 'COMMIT' : `RELEASE ${savepoint}`);
      return result;
    } catch (cause) {
      this.rollBack(outermost, savepoint);
      throw cause;
    } finally {
      this.depth--;
    }
  }

  private rollBack(outermost: boolean, savepoint: string): void {
    // A full disk makes SQLite roll back by itself; there is nothing left to undo then.
    if (this.damage || !this.connection.inTransaction) return; // Nobody writes any more; closing rolls back.
    this.execute(outermost ? 'ROLLBACK' : `ROLLBACK TO ${savepoint}; RELEASE ${savepoint}`);
  }

  /** Writes what the write-ahead log holds into the file and closes it. May be called twice. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    try {
      this.pragma('wal_checkpoint(TRUNCATE)');
    } catch {
      // Nothing is lost: the log is read again at the next opening.
    }
    this.connection.close();
  }

  private attempt<T>(verb: 'read' | 'write', work: () => T): T {
    if (this.closed) {
      throw new LatchkeyError(
        'internal',
        `${basename(this.path)} was closed; nothing can be read or written any more.`,
      );
    }
    if (this.damage) throw this.damage;
    try {
      return work();
    } catch (cause) {
      throw this.noted(storageErrorOf(cause, `${verb} ${basename(this.path)}`));
    }
  }

  private noted(error: LatchkeyError): LatchkeyError {
    if (this.onDamage && !this.damage && error.code === 'storage-corrupt') {
      this.damage = error;
      this.onDamage(error);
    }
    return error;
  }
}

/** libsql adds `_metadata` to the row of `get`, and gives blobs as ArrayBuffer from `all`, as Buffer from `get`. */
function toRow(row: unknown): SqlRow {
  const entries = Object.entries(row as Record<string, unknown>).filter(([name]) => name !== '_metadata');
  return Object.fromEntries(entries.map(([name, value]) => [name, toBytes(value)]));
}

function toBytes(value: unknown): unknown {
  return value instanceof ArrayBuffer || value instanceof Uint8Array ? new Uint8Array(value) : value;
}
