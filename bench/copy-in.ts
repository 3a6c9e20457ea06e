import type { Client, Connection, Submittable } from 'pg';

/** One `COPY … FROM STDIN` of bytes that are ready: what Postgres takes fastest. */
class CopyIn implements Submittable {
  readonly #statement: string;
  readonly #bytes: Buffer;
  readonly #done: (error: Error | null) => void;
  #error: Error | null = null;

  constructor(statement: string, bytes: Buffer, done: (error: Error | null) => void) {
    this.#statement = statement;
    this.#bytes = bytes;
    this.#done = done;
  }

  submit(connection: Connection): void {
    connection.query(this.#statement);
  }

  handleCopyInResponse(connection: Connection & { sendCopyFromChunk(chunk: Buffer): void; endCopyFrom(): void }): void {
    connection.sendCopyFromChunk(this.#bytes);
    connection.endCopyFrom();
  }

  handleError(error: Error): void {
    this.#error = error;
  }

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    this.#done(this.#error);
  }
}

/** Copies text rows (PostgreSQL's text format, tab-separated) in one transaction. */
export function copyIn(client: Client, statement: string, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    client.query(new CopyIn(statement, bytes, (error) => (error ? reject(error) : resolve())));
  });
}
