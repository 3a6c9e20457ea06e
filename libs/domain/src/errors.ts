/**
 * Every stable error code of Latchkey with one sentence for its documentation. Codes never change their meaning; they
 * become HTTP problem details, MQTT results and exit codes in exactly one place each.
 */
export const errorCodes = {
  'not-an-image': 'The bytes are of no image format that Latchkey reads.',
  'image-truncated': 'The image ends before its last row or is damaged.',
  'image-too-large': 'The image has more than 50 megapixels or more than 25 MB.',
  'no-face': 'No face was found in the image.',
  'several-faces': 'More than one face was found where exactly one was expected.',
  'low-quality': 'The face is too small, too blurred, too dark or turned too far to be enrolled.',
  'near-another-person': 'The face is like that of another person; to enrol it anyway, say so.',
  'far-from-own-photos': "The face is not like the person's other photos; to enrol it anyway, say so.",
  'model-mismatch': 'Two encodings of different models met; their distance would mean nothing.',
  'model-missing': 'A model file is not where it should be.',
  'model-corrupt': 'A model file is damaged, of another model, or of a format that is not understood.',
  'shape-mismatch': 'A tensor has another shape than the network takes.',
  'not-a-number': 'A network gave NaN or infinity; no encoding is made of that.',
  'engine-unavailable': 'No inference engine could be loaded on this machine.',
  'invalid-input': 'A value does not have the form that is expected here.',
  'invalid-payload': 'An MQTT payload does not have the form of its topic.',
  'config-invalid': 'An option of the configuration is missing or out of range.',
  unauthorized: 'Nobody is signed in, or the session has ended.',
  forbidden: 'The account may not do this.',
  'wrong-credentials': 'E-mail address and password do not belong together.',
  'too-many-requests': 'Too many attempts in a short time.',
  'not-found': 'There is no such thing.',
  conflict: 'The thing exists already or was changed meanwhile.',
  'signature-invalid': 'A signed message was changed, is for another receiver or topic, or names an unknown key.',
  replayed: 'A message came a second time, late, or retained where that is never accepted.',
  'body-hash-mismatch': 'The body of an event is not the one that its hash names.',
  'gallery-diverged': 'A gallery does not have the content that its signed head names.',
  'database-unavailable': 'The database does not answer.',
  'broker-unavailable': 'The MQTT broker does not answer.',
  'device-offline': 'The device is not connected, and what it was to do cannot wait.',
  'server-unavailable': 'The central service does not answer.',
  'camera-unavailable': 'The camera gives no frames.',
  'camera-unauthorized': 'The camera refuses the user or the password.',
  'camera-program-missing': 'GStreamer, one of its elements, or ffmpeg is not installed, and this camera needs it.',
  'door-unavailable': 'The lock, its relay or a sensor of the door does not answer.',
  'door-program-missing': 'The programs of libgpiod are not installed, and this door needs them.',
  'storage-full': 'The disk or the quota is full.',
  'storage-corrupt': 'A local database cannot be read or decrypted.',
  'storage-failed': 'The local disk cannot be written or read, or another process holds the database.',
  'missing-file': 'A file or folder that is needed is not there.',
  internal: 'A fault in Latchkey; the log has the details.',
} as const satisfies Record<string, string>;

/** A stable error code, see {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;

/** Cause and structured details of a {@link LatchkeyError}. */
export interface LatchkeyErrorOptions {
  readonly cause?: unknown;
  /** Facts for machines: JSON values only. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The one error class. `message` tells the reader what happened and what to do next. */
export class LatchkeyError extends Error {
  override readonly name = 'LatchkeyError';
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: LatchkeyErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** Whether `value` is a {@link LatchkeyError}, of `code` when one is given. */
export function isLatchkeyError(value: unknown, code?: ErrorCode): value is LatchkeyError {
  return value instanceof LatchkeyError && (code === undefined || value.code === code);
}
