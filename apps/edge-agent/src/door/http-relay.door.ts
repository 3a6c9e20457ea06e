import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpLockConfig } from '@latchkey/config';
import { type Clock, type Door, LatchkeyError } from '@latchkey/domain';
import { authorizationFor } from '../http/http-login.ts';
import { type RelayAnswer, RelayUnreachable, sendToRelay } from './relay-request.ts';
import { signatureHeaders } from './relay-signature.ts';

/** Between two tries. */
const retryMs = 150;
/** The clocks of a machine that was awake differ by less. */
const sleptFromMs = 1_000;

/** One opening, the same for all of its tries. */
interface RelayOrder {
  readonly url: URL;
  readonly body: string;
  /** By it a relay knows that a second request is the first one again. */
  readonly key: string;
  /** Whether the machine has slept since it was given: then nothing is sent any more, whoever stood there is gone. */
  readonly isOver: () => boolean;
}

/**
 * A lock behind a relay that is told by HTTP to stay on for a time. Tried again is only what cannot have been acted on, or
 * what the relay acts on once.
 */
export class HttpRelayDoor implements Door {
  private readonly config: HttpLockConfig;
  private readonly clock: Clock;

  constructor(config: HttpLockConfig, clock: Clock) {
    this.config = config;
    this.clock = clock;
  }

  /** @throws LatchkeyError `door-unavailable` with the relay's reason. */
  async open(holdMs: number, signal: AbortSignal): Promise<void> {
    const ms = this.config.pulseMs ?? holdMs;
    const order = {
      url: new URL(withTime(this.config.url, ms)),
      body: withTime(this.config.body ?? '', ms),
      key: randomUUID(),
      isOver: this.sleepWatch(),
    };
    const { status } = await this.login(order, signal);
    if (status >= 200 && status < 300) return;
    throw new LatchkeyError('door-unavailable', refusalOf(status), { details: { status } });
  }

  /** Asks once, and a second time with user and password when the relay wants them: what it refused it has not done. */
  private async login(order: RelayOrder, signal: AbortSignal): Promise<RelayAnswer> {
    const first = await this.send(order, null, signal);
    const { user, password, method } = this.config;
    if (first.status !== 401 || user === null || password === null) return first;
    const target = order.url.pathname + order.url.search;
    const authorization = authorizationFor(first.challenge, { user, password }, method, target);
    return authorization === null ? first : this.send(order, authorization, signal);
  }

  private async send(order: RelayOrder, authorization: string | null, signal: AbortSignal): Promise<RelayAnswer> {
    for (;;) {
      try {
        return await sendToRelay(
          { url: order.url, method: this.config.method, headers: this.headers(order, authorization), body: order.body },
          signal,
          order.isOver,
        );
      } catch (error) {
        if (!(error instanceof RelayUnreachable)) throw error;
        if (signal.aborted) throw unreachable(error, 'The relay did not answer in time.');
        if (error.mayHaveArrived && !this.config.idempotent)
          throw unreachable(error, 'The connection to the relay broke off before it answered.');
        await sleep(retryMs, undefined, { signal }).catch(() => undefined);
        if (signal.aborted || order.isOver()) throw unreachable(error, 'The relay cannot be reached.');
      }
    }
  }

  /** Timers stand still while the machine sleeps, so they cannot tell. */
  private sleepWatch(): () => boolean {
    const asleepMs = () => this.clock.monotonicMs() - performance.now();
    const beforeMs = asleepMs();
    return () => asleepMs() - beforeMs >= sleptFromMs;
  }

  private headers({ url, body, key }: RelayOrder, authorization: string | null): Record<string, string> {
    const { method, contentType, signatureKey, idempotent } = this.config;
    const signed = {
      method,
      target: url.pathname + url.search,
      body,
      timestamp: Math.floor(this.clock.now() / 1000),
      nonce: randomBytes(16).toString('base64url'),
    };
    return {
      ...(body !== '' && { 'content-type': contentType }),
      ...(authorization !== null && { authorization }),
      ...(idempotent && { 'idempotency-key': key }),
      ...(signatureKey !== null && signatureHeaders(signed, signatureKey)),
    };
  }
}

/** Whole seconds are rounded up: the lock must not fall before somebody has reached it. */
function withTime(text: string, ms: number): string {
  return text.replaceAll('{seconds}', `${Math.ceil(ms / 1000)}`).replaceAll('{ms}', `${ms}`);
}

function refusalOf(status: number): string {
  if (status === 401 || status === 403) return `The relay refuses the user or the password (HTTP status ${status}).`;
  if (status >= 300 && status < 400)
    return `The relay sends to another address (HTTP status ${status}), which is not followed.`;
  return `The relay answers with HTTP status ${status}.`;
}

function unreachable(cause: RelayUnreachable, why: string): LatchkeyError {
  return new LatchkeyError('door-unavailable', `${why} ${cause.message}`, { cause });
}
