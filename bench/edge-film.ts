import { mulberry32 } from '@latchkey/vision';
import sharp from 'sharp';
import { FRAME } from './camera-frames.ts';
import { type Actor, cutOutPx } from './edge-cast.ts';

/** One picture of a film. */
export interface FilmFrame {
  readonly jpeg: Buffer;
  /** Who is to be seen. */
  readonly actors: readonly Actor[];
}

/** Pictures that a camera shows one after another, and then again from the first. */
export interface Film {
  readonly name: string;
  readonly framesPerSecond: number;
  readonly frames: readonly FilmFrame[];
}

/** An actor in one picture: the upper left corner and the side of the head's cut-out. */
interface Placed {
  readonly actor: Actor;
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

/** Faster than any recognition here, so that the newest picture is always a new one. */
const fastFps = 60;
/** What a camera gives unless it is told otherwise (docs/cameras.md). */
const usualFps = 15;
/** How long each of them is before the camera, where one comes after another. */
const turnS = 1;
const bytesPerFrame = FRAME.width * FRAME.height * 3;

/** Everybody walks through the picture, one after another without a pause, each from where nobody was. */
export function filmOfTurns(actors: readonly Actor[]): Promise<Film> {
  const framesOfTurn = fastFps * turnS;
  return filmOf('one-face', fastFps, actors.length * framesOfTurn, (i) => {
    const actor = actors[Math.floor(i / framesOfTurn)];
    const share = (i % framesOfTurn) / framesOfTurn;
    const left = (FRAME.width - cutOutPx) * share;
    return actor ? [{ actor, left, top: 140 + 20 * Math.sin(share * 6), side: cutOutPx }] : [];
  });
}

/** All of them stand beside each other and sway. */
export function filmOfGroup(actors: readonly Actor[]): Promise<Film> {
  const side = Math.floor(FRAME.width / actors.length);
  const frames = fastFps * 4;
  return filmOf('five-faces', fastFps, frames, (i) =>
    actors.map((actor, place) => ({
      actor,
      left: place * side,
      top: 180 + 40 * Math.sin((2 * Math.PI * i) / frames + place),
      side,
    })),
  );
}

/** Nobody: a wall, and the noise of the sensor. */
export function filmOfNobody(): Promise<Film> {
  return filmOf('empty', usualFps, usualFps * 4, () => []);
}

async function filmOf(
  name: string,
  framesPerSecond: number,
  count: number,
  scene: (i: number) => readonly Placed[],
): Promise<Film> {
  const wall = wallOf();
  const noise = noiseOf();
  const heads = new Map<string, Uint8Array>();
  const frames: FilmFrame[] = [];
  for (let i = 0; i < count; i++) {
    const data = new Uint8ClampedArray(bytesPerFrame);
    const from = (i * 7919) % noise.length;
    for (let at = 0; at < bytesPerFrame; at++)
      data[at] = (wall[at] ?? 0) + (noise[(at + from) & (noise.length - 1)] ?? 0);
    const placed = scene(i);
    for (const one of placed) paste(data, await headOf(one, heads), one);
    const raw = { ...FRAME, channels: 3 } as const;
    const jpeg = await sharp(data, { raw }).jpeg({ quality: 90 }).toBuffer();
    frames.push({ jpeg, actors: placed.map(({ actor }) => actor) });
  }
  return { name, framesPerSecond, frames };
}

/** Bricks in uneven light. */
function wallOf(): Uint8Array {
  const { width, height } = FRAME;
  const data = new Uint8Array(bytesPerFrame);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const isJoint = y % 40 < 3 || (x + (Math.floor(y / 40) % 2) * 40) % 80 < 3;
      const light = 90 + (60 * x) / width + (isJoint ? 35 : 0);
      data.set([light, light * 0.8, light * 0.7], (y * width + x) * 3);
    }
  }
  return data;
}

/** As a cheap sensor has it indoors: two or three of 255 levels. */
function noiseOf(): Int8Array {
  const random = mulberry32(6);
  return Int8Array.from({ length: 2 ** 18 }, () => Math.round(2.5 * (random() + random() + random() - 1.5) * 2));
}

async function headOf({ actor, side }: Placed, heads: Map<string, Uint8Array>): Promise<Uint8Array> {
  const key = `${actor.personId} ${side}`;
  const { width, height, data } = actor.cutOut;
  const pixels =
    heads.get(key) ??
    (await sharp(data, { raw: { width, height, channels: 3 } })
      .resize(side, side)
      .raw()
      .toBuffer());
  heads.set(key, pixels);
  return pixels;
}

/** An oval, so that corners of photographs are no edges of the scene. */
function paste(data: Uint8ClampedArray, pixels: Uint8Array, { left, top, side }: Placed): void {
  const [x0, y0] = [Math.round(left), Math.round(top)];
  for (let y = 0; y < side; y++) {
    const v = (2 * y) / side - 1;
    const half = Math.floor((side / 2) * Math.sqrt(Math.max(0, 1 - v * v)));
    const [from, to] = [side / 2 - half, side / 2 + half];
    const row = pixels.subarray((y * side + from) * 3, (y * side + to) * 3);
    data.set(row, ((y0 + y) * FRAME.width + x0 + from) * 3);
  }
}
