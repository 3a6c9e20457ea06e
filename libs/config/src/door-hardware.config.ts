import { readFileSync } from 'node:fs';
import { LatchkeyError } from '@latchkey/domain';
import { z } from 'zod';

const chip = z
  .string()
  .regex(/^[A-Za-z0-9/][\w./:-]{0,99}$/, 'the name, label, number or path of a chip, such as gpiochip0')
  .optional();

/** An offset in the chip, or the name that the board gives the line. */
const line = z.union([
  z.number().int().min(0).max(1023),
  z
    .string()
    .regex(/^\d{1,4}$/)
    .transform(Number),
  z.string().regex(/^[A-Za-z_][\w.:+/-]{0,63}$/, 'the offset of a line in its chip, or its name'),
]);

const gpioLine = z.strictObject({
  /** May be left out where the line has a name that no other chip's line has. */
  chip,
  line,
  /** The line's "on" is its low level. */
  activeLow: z.boolean().default(false),
  /** `as-is` leaves what the board has. Others need Linux 5.5. */
  bias: z.enum(['as-is', 'disable', 'pull-down', 'pull-up']).default('as-is'),
});

/** One line of a GPIO chip. */
export type GpioLineConfig = z.infer<typeof gpioLine>;

/** Milliseconds for which a lock that only wants a pulse is driven; null: for as long as the door stays open. */
const pulseMs = z.number().int().min(20).max(60_000).nullable().default(null);

const gpioLock = gpioLine.extend({
  type: z.literal('gpio'),
  drive: z.enum(['push-pull', 'open-drain', 'open-source']).default('push-pull'),
  /** `to-open`: the line is on while somebody may pass. `to-lock`: it is on at rest, and off while somebody may pass. */
  energise: z.enum(['to-open', 'to-lock']).default('to-open'),
  pulseMs,
});

/** A lock at a line of a GPIO chip. */
export type GpioLockConfig = z.infer<typeof gpioLock>;

/** What stands for the time of an opening in an address or a body. */
const timePlaceholder = /\{(?:seconds|ms)\}/;
const timePlaceholders = /\{(?:seconds|ms)\}/g;

const httpLock = z
  .strictObject({
    type: z.literal('http'),
    /** `{seconds}` and `{ms}` stand for how long the relay is to stay on. */
    url: z.string().max(2000),
    method: z.enum(['GET', 'POST', 'PUT']).default('GET'),
    /** Sent with POST and PUT; the same words stand for the time in it. */
    body: z.string().max(10_000).nullable().default(null),
    contentType: z.string().max(100).default('application/json'),
    user: z.string().max(200).nullable().default(null),
    password: z.string().max(200).nullable().default(null),
    /** Signs each request with HMAC-SHA-256, for relays that check it. */
    signatureKey: z.string().min(16).max(500).nullable().default(null),
    /** The relay acts once on requests with the same `Idempotency-Key`, so that one whose answer was lost may be sent again. */
    idempotent: z.boolean().default(false),
    /** The relay lets go by itself after a time of its own; without it the address or the body must carry the time. */
    timed: z.boolean().default(false),
    pulseMs,
  })
  .superRefine(({ url, method, body, timed, user, password }, context) => {
    const problem = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    const filled = url.replaceAll(timePlaceholders, '1');
    const parsed = URL.canParse(filled) ? new URL(filled) : null;
    if (!parsed || !/^https?:$/.test(parsed.protocol)) problem('url', 'must be an address as http://relay/…');
    if (parsed && (parsed.username !== '' || parsed.password !== ''))
      problem('url', 'must hold no user and no password; give them as user and password');
    if (body !== null && method === 'GET') problem('body', 'goes with POST and PUT alone');
    if ((user === null) !== (password === null)) problem('user', 'goes with a password, and the other way round');
    if (!timed && !timePlaceholder.test(url) && !timePlaceholder.test(body ?? ''))
      problem(
        'url',
        'must carry {seconds} or {ms}, so that the relay lets go by itself however the agent ends; say "timed": true when the relay has a time of its own',
      );
  });

/** A lock behind a relay that is told by HTTP. */
export type HttpLockConfig = z.infer<typeof httpLock>;

const noLock = z.strictObject({ type: z.literal('log') });

const debounceMs = z.number().int().min(0).max(2_000).default(20);

const doorHardware = z
  .strictObject({
    /** `log`: a line in the log is the door. */
    lock: z.discriminatedUnion('type', [gpioLock, httpLock, noLock]).default({ type: 'log' }),
    /** On while the door stands open. */
    contact: gpioLine.extend({ debounceMs }).nullable().default(null),
    /** On while the button on the inside is pressed. */
    requestToExit: gpioLine
      .extend({
        debounceMs,
        /** Whether the button opens the lock; else the handle does, and the button only says that nobody breaks in. */
        opens: z.boolean().default(true),
      })
      .nullable()
      .default(null),
    /** How long after the hold time an opening door still belongs to whoever was let in. */
    relockMs: z.number().int().min(0).max(60_000).default(500),
    /** How long the door may stand open after the hold time before that is an alarm. */
    heldOpenAfterMs: z.number().int().min(1_000).max(3_600_000).default(30_000),
    /** How long the lock may take to answer. */
    actuatorTimeoutMs: z.number().int().min(200).max(10_000).default(2_000),
  })
  .superRefine(({ lock, contact, requestToExit }, context) => {
    const lines = [lock.type === 'gpio' ? lock : null, contact, requestToExit].filter((each) => each !== null);
    for (const [i, { chip, line }] of lines.entries()) {
      if (typeof line === 'number' && chip === undefined)
        context.addIssue({ code: 'custom', message: `line ${line} is an offset and needs its chip` });
      if (lines.slice(0, i).some((other) => other.line === line && other.chip === chip))
        context.addIssue({ code: 'custom', message: `line ${line} is given twice` });
    }
  });

/** What a door is made of: its lock, what it tells, and its times. */
export type DoorHardwareConfig = z.infer<typeof doorHardware>;

/** A contact or a button at a line of a GPIO chip. */
export type GpioInputConfig = NonNullable<DoorHardwareConfig['contact']>;

/** The door of a machine without a lock. */
export const noDoorHardware: DoorHardwareConfig = doorHardware.parse({});

/**
 * A door's hardware from JSON, or from a file of it.
 * @throws LatchkeyError `config-invalid`, `missing-file`; the message repeats nothing of a password or a key.
 */
export function parseDoorHardware(textOrPath: string): DoorHardwareConfig {
  const text = textOrPath.trimStart().startsWith('{') ? textOrPath : readText(textOrPath);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message quotes the text, in which passwords may stand.
    throw new LatchkeyError('config-invalid', 'LATCHKEY_DOOR_HARDWARE is no JSON object; check its commas and quotes.');
  }
  const parsed = doorHardware.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${['LATCHKEY_DOOR_HARDWARE', ...path].join('.')}: ${message}`,
  );
  throw new LatchkeyError('config-invalid', `The door is not configured rightly. ${problems.join('; ')}.`, {
    details: { problems },
  });
}

/** The door's hardware for logs: without user, password, key, and without the query of an address, which may hold a token. */
export function describeDoorHardware({ lock, contact, requestToExit }: DoorHardwareConfig): string {
  const parts = [
    describeLock(lock),
    contact && `contact at ${describeGpioLine(contact)}`,
    requestToExit && `request-to-exit at ${describeGpioLine(requestToExit)}`,
  ];
  return parts.filter((part) => part !== null).join(', ');
}

/** A line for people: `gpiochip0 line 12`. */
export function describeGpioLine({ chip, line }: Pick<GpioLineConfig, 'chip' | 'line'>): string {
  return `${chip === undefined ? '' : `${chip} `}line ${line}`;
}

function describeLock(lock: DoorHardwareConfig['lock']): string {
  switch (lock.type) {
    case 'log':
      return 'no lock, only a line in the log';
    case 'gpio':
      return `lock at ${describeGpioLine(lock)}, energised ${lock.energise}${describePulse(lock.pulseMs)}`;
    case 'http': {
      const { protocol, host, pathname, search } = new URL(lock.url);
      return `lock behind ${lock.method} ${protocol}//${host}${pathname}${search === '' ? '' : '?…'}${describePulse(lock.pulseMs)}`;
    }
  }
}

function describePulse(ms: number | null): string {
  return ms === null ? '' : ` for a pulse of ${ms} ms`;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new LatchkeyError(
      'missing-file',
      `The file of the door "${path}" cannot be read; check LATCHKEY_DOOR_HARDWARE.`,
      { cause },
    );
  }
}
