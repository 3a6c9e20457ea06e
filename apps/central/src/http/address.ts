import type { Request } from 'express';

/** The network address that a request comes from; IPv4 in its own notation also where the socket is IPv6. */
export function addressOf(request: Request): string {
  return (request.socket.remoteAddress ?? 'unknown').replace(/^::ffff:/, '');
}
