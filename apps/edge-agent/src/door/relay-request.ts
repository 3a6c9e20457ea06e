import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** One request to a relay. */
export interface RelayRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a relay answered; of the body nothing is kept. */
export interface RelayAnswer {
  readonly status: number;
  readonly challenge: string;
}

/** A request that got no answer. */
export class RelayUnreachable extends Error {
  override readonly name = 'RelayUnreachable';
  /** Whether it may have reached the relay all the same. Where there was no connection, nothing was sent. */
  readonly mayHaveArrived: boolean;

  constructor(cause: Error, mayHaveArrived: boolean) {
    super(cause.message, { cause });
    this.mayHaveArrived = mayHaveArrived;
  }
}

/**
 * Sends one request over a connection of its own, so that it is known whether anything was sent, and follows no redirect.
 * @param isOver asked when there is a connection: whether nothing may be sent any more.
 * @throws RelayUnreachable when no answer comes, or the signal ends it.
 */
export function sendToRelay(
  { url, method, headers, body }: RelayRequest,
  signal: AbortSignal,
  isOver: () => boolean,
): Promise<RelayAnswer> {
  const secure = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    let connected = false;
    const length = body === '' && method === 'GET' ? {} : { 'content-length': `${Buffer.byteLength(body)}` };
    const request = (secure ? httpsRequest : httpRequest)(
      url,
      { method, headers: { ...headers, ...length, connection: 'close' }, agent: false, signal },
      (response: IncomingMessage) => {
        response.on('error', () => undefined).resume();
        resolve({ status: response.statusCode ?? 0, challenge: response.headers['www-authenticate'] ?? '' });
      },
    );
    request.once('socket', (socket) => {
      socket.once(secure ? 'secureConnect' : 'connect', () => {
        if (isOver()) {
          request.destroy(new Error('The order is over.'));
          return;
        }
        connected = true;
        request.end(body);
      });
    });
    request.once('error', (error) => reject(new RelayUnreachable(error, connected)));
  });
}
