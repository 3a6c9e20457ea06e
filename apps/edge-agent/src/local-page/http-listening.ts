import type { Server } from 'node:http';
import type { ListenOptions } from 'node:net';

/** Resolves when a server listens; rejects with what keeps it from that. */
export async function listening(server: Server, where: ListenOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(where, resolve);
  });
}

/** Resolves when a server has ended, and everybody whom it still answers was cut off. */
export async function closed(server: Server): Promise<void> {
  const done = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await done;
}
