import { connect, createServer } from 'node:net';
import { LatchkeyError } from '@latchkey/domain';

const loopback = '127.0.0.1';

/**
 * A free TCP port on loopback: the first one from `from` upward, or any for 0. Somebody else may take it before the
 * caller does, so a caller that then cannot listen asks again.
 * @throws LatchkeyError `conflict` when none is free up to 65535.
 */
export async function freePort(from: number): Promise<number> {
  if (from === 0) return (await tryListen(0)) ?? freePort(0);
  for (let port = from; port <= 65_535; port++) {
    // The second look is for systems that let a listener on 127.0.0.1 hide one on 0.0.0.0 (macOS).
    if ((await tryListen(port)) !== null && !(await answers(port))) return port;
  }
  throw new LatchkeyError(
    'conflict',
    `No port from ${from} upward is free on ${loopback}; stop something or begin lower.`,
  );
}

/** The port that could be listened on, null when it is taken or not ours to take. */
function tryListen(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen({ port, host: loopback, exclusive: true }, () => {
      const address = server.address();
      const taken = typeof address === 'object' && address ? address.port : null;
      server.close(() => resolve(taken));
    });
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: loopback });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
    socket.setTimeout(500, () => settle(false));
  });
}
