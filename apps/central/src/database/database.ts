import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, QueryRunner } from 'typeorm';
import { asLatchkeyError, isReadTimeout, stateOf } from './database-error.ts';

/** Where a repository's statements run: the pool, or one transaction. */
export interface Sql {
  /** Rows of a statement, also of `INSERT|UPDATE|DELETE … RETURNING`. `bigint` columns come as text. */
  rows<T>(statement: string, parameters?: readonly unknown[]): Promise<T[]>;
  /** Runs a statement; the number of rows that it changed. */
  run(statement: string, parameters?: readonly unknown[]): Promise<number>;
}

/** Isolation levels that central uses. */
export type Isolation = 'READ COMMITTED' | 'REPEATABLE READ';

/** The connection of pg under a query runner. */
interface PgClient {
  /** Breaks it at once while a statement has no answer yet; from then on its pool gives it to nobody. */
  end(): Promise<void>;
}

/** Attempts of a transaction that ends in a deadlock or a serialization failure. */
const maxAttempts = 4;

/**
 * Central's database. Errors come as LatchkeyError `database-unavailable`, `conflict` or `invalid-input` where they are
 * one; see {@link asLatchkeyError}.
 */
@Injectable()
export class Database implements Sql {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  async rows<T>(statement: string, parameters: readonly unknown[] = []): Promise<T[]> {
    return this.#withRunner((runner) => sqlOf(runner).rows<T>(statement, parameters));
  }

  async run(statement: string, parameters: readonly unknown[] = []): Promise<number> {
    return this.#withRunner((runner) => sqlOf(runner).run(statement, parameters));
  }

  /**
   * Runs `work` in one transaction, again when it met a deadlock (40P01) or a serialization failure (40001): so `work` does
   * nothing but SQL.
   */
  async transaction<T>(work: (sql: Sql) => Promise<T>, isolation: Isolation = 'READ COMMITTED'): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#withRunner((runner) => inTransaction(runner, isolation, work));
      } catch (error) {
        const state = stateOf(error);
        if (attempt >= maxAttempts || (state !== '40P01' && state !== '40001')) throw error;
      }
    }
  }

  async #withRunner<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    try {
      return await work(runner);
    } catch (error) {
      if (isReadTimeout(error)) await breakConnection(runner);
      throw asLatchkeyError(error);
    } finally {
      await runner.release();
    }
  }
}

/** Ends the connection of a runner, so that its pool makes another one instead of handing this one to whoever comes next. */
async function breakConnection(runner: QueryRunner): Promise<void> {
  if (runner.isReleased) return;
  const client: PgClient = await runner.connect();
  // Not waited for: whoever does not answer does not say goodbye either.
  client.end().catch(() => undefined);
}

async function inTransaction<T>(runner: QueryRunner, isolation: Isolation, work: (sql: Sql) => Promise<T>): Promise<T> {
  await runner.startTransaction(isolation);
  try {
    const result = await work(sqlOf(runner));
    await runner.commitTransaction();
    return result;
  } catch (error) {
    // A connection that is gone cannot roll back, and need not: the server does. The first error is the one that tells.
    if (!isReadTimeout(error)) await runner.rollbackTransaction().catch(() => undefined);
    throw error;
  }
}

function sqlOf(runner: QueryRunner): Sql {
  return {
    rows: async <T>(statement: string, parameters: readonly unknown[] = []) =>
      (await runner.query(statement, [...parameters], true)).records as T[],
    run: async (statement, parameters = []) => (await runner.query(statement, [...parameters], true)).affected ?? 0,
  };
}
