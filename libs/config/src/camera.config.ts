import { readFileSync } from 'node:fs';
import { LatchkeyError } from '@latchkey/domain';
import { z } from 'zod';
import { type CameraSource, parseCameraSource } from './camera-source.ts';

/** A part of the picture in shares of its width and height, from its upper left corner. */
const area = z
  .strictObject({
    x: z.number().min(0).max(1),
    y: z.number().min(0).max(1),
    width: z.number().positive().max(1),
    height: z.number().positive().max(1),
  })
  .refine(({ x, y, width, height }) => x + width <= 1.000001 && y + height <= 1.000001, 'reaches over the picture');

/** A part of the picture in shares of its width and height. */
export type CameraArea = z.infer<typeof area>;

const flips = ['none', 'rotate-90', 'rotate-180', 'rotate-270', 'mirror', 'upside-down'] as const;

/** How a picture is turned: clockwise by degrees, left to right (`mirror`), or top to bottom (`upside-down`). */
export type CameraFlip = (typeof flips)[number];

const seconds = z.coerce.number().min(0).max(3600);

/** What may be said of one camera, in a file of cameras and, where it is one value, after the `#` of an address. */
const cameraSettings = z.strictObject({
  /** Which program reads films, devices and RTSP; `auto`: the better one of those that are installed. */
  program: z.enum(['auto', 'gstreamer', 'ffmpeg']).default('auto'),
  /** Frames are scaled down to fit into this, never up; their proportions stay. */
  width: z.coerce.number().int().min(64).max(4096).default(1280),
  height: z.coerce.number().int().min(64).max(4096).default(1280),
  /** Frames per second at most; absent: 5 for a folder, 15 for others. */
  fps: z.coerce.number().min(0.1).max(120).optional(),
  flip: z.enum(flips).default('none'),
  /** Smallest face that is looked at, in pixels of a frame. Below 48 encodings tell little. */
  minFacePx: z.coerce.number().int().min(20).max(2000).default(48),
  /** Frames without anything new are not analysed. */
  motionGate: z.union([z.boolean(), z.stringbool()]).default(true),
  /** Seconds without a frame after which the source is started again; for the first frame at least 15. */
  stallS: z.coerce.number().min(1).max(3600).default(10),
  /** Seconds of exactly the same picture after which that is an event and the source is started again; 0: never. */
  frozenS: seconds.default(30),
  /** Seconds of a black or even picture after which that is an event and the source is started again; 0: never. */
  coveredS: seconds.default(10),
});

const camera = cameraSettings.extend({
  id: z.string().regex(/^[a-z0-9-]{1,64}$/, 'lower-case letters, digits and hyphens, 1 to 64'),
  source: z.string(),
  user: z.string().optional(),
  password: z.string().optional(),
  /** The only part of the picture in which faces are looked for. */
  region: area.optional(),
  /** Parts of the picture that are made black before anything looks at it. */
  masks: z.array(area).max(32).default([]),
});

/** At most this many cameras an agent: telemetry has room for them. */
const maxCameras = 16;
const cameraList = z
  .array(camera)
  .min(1)
  .max(maxCameras)
  .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, 'two cameras have the same id');

/** One camera, parsed. */
export interface CameraConfig extends Omit<z.infer<typeof camera>, 'source' | 'user' | 'password' | 'fps' | 'region'> {
  readonly source: CameraSource;
  readonly fps: number;
  readonly region: CameraArea | null;
  /** How long a folder camera shows each picture. */
  readonly holdMs: number;
}

/** What holds for cameras that do not say otherwise. */
export interface CameraDefaults {
  /** Null: 5 frames per second for a folder, 15 for others. */
  readonly fps: number | null;
  readonly holdMs: number;
}

/** How long a folder camera shows each picture unless told otherwise, in milliseconds. */
export const defaultHoldMs = 1500;
const folderFps = 5;
/** What a decision of several frames needs within the time that somebody takes to step up to a door. */
const liveFps = 15;

/**
 * One camera from an address, device or path, with settings after a `#`: `rtsp://host/stream#fps=10&flip=rotate-180`.
 * @throws LatchkeyError `config-invalid`.
 */
export function parseCamera(
  text: string,
  defaults: CameraDefaults = { fps: null, holdMs: defaultHoldMs },
): CameraConfig {
  const [, source = text, fragment] = /^(.*?)#((?:[a-zA-Z]+=[^&#]*)(?:&[a-zA-Z]+=[^&#]*)*)$/s.exec(text) ?? [];
  const settings = Object.fromEntries(new URLSearchParams(fragment ?? ''));
  return cameraOf(check(camera, { ...settings, id: settings.id ?? 'camera', source }, 'camera'), defaults);
}

/**
 * Cameras from JSON or from a file of it: a list of objects with `id`, `source` and settings.
 * @throws LatchkeyError `config-invalid`, `missing-file`.
 */
export function parseCameras(textOrPath: string, defaults: CameraDefaults): CameraConfig[] {
  const text = textOrPath.trimStart().startsWith('[') ? textOrPath : readText(textOrPath);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message quotes the text, in which passwords may stand.
    throw new LatchkeyError(
      'config-invalid',
      'LATCHKEY_CAMERAS is no JSON list of cameras; check its commas and quotes.',
    );
  }
  return check(cameraList, value, 'LATCHKEY_CAMERAS').map((given) => cameraOf(given, defaults));
}

function cameraOf(given: z.infer<typeof camera>, defaults: CameraDefaults): CameraConfig {
  const { user, password, ...settings } = given;
  const source = withCredentials(parseCameraSource(given.source), user, password);
  const fps = given.fps ?? defaults.fps ?? (source.type === 'folder' ? folderFps : liveFps);
  return { ...settings, source, fps, region: given.region ?? null, holdMs: defaults.holdMs };
}

function withCredentials(source: CameraSource, user: string | undefined, password: string | undefined): CameraSource {
  if (user === undefined && password === undefined) return source;
  if (source.type !== 'rtsp' && source.type !== 'http') {
    throw new LatchkeyError(
      'config-invalid',
      'Only cameras at rtsp:// and http:// addresses have a user and a password.',
    );
  }
  return { ...source, credentials: { user: user ?? '', password: password ?? '' } };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new LatchkeyError('missing-file', `The file of cameras "${path}" cannot be read; check LATCHKEY_CAMERAS.`, {
      cause,
    });
  }
}

function check<S extends z.ZodType>(schema: S, value: unknown, what: string): z.infer<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${[what, ...path].join('.')}: ${message}`);
  throw new LatchkeyError('config-invalid', `A camera is not configured rightly. ${problems.join('; ')}.`, {
    details: { problems },
  });
}
