import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Gallery, type GalleryOptions } from '@latchkey/vision';
import { type Figure, figureOf } from './figure.ts';
import { interleavedMs } from './interleaved.ts';
import { dimension, randomRows, realFaces, rowsBetween } from './search-data.ts';
import { nearestOfBlock, nearestOfMap, referenceNearest } from './search-loops.ts';

const size = 100_000;
const modelId = 'bench';
const defaultProbes = 10_000;
const realProbes = 1000;

/** Search against reading the memory once (issue 5). */
const goal = 1.6;
const budgetMs = 20_000;

/**
 * Search of one face among 100,000 encodings of 128 values beside one reading of that memory, and whether it finds what double
 * precision finds.
 * @param flags `--probes=N` for another number of random probes than 10,000.
 */
export async function measureSearch(flags: readonly string[]): Promise<readonly Figure[]> {
  const probes = Number(flags.find((flag) => flag.startsWith('--probes='))?.slice('--probes='.length) ?? defaultProbes);
  const rows = randomRows(size, 1);
  const exact = galleryOf(rows);
  console.error(`searched with ${exact.engine}${exact.engineNote ? `: ${exact.engineNote}` : ''}`);
  return [
    ...(await timesOf(rows, exact)),
    ...(await memoryOf(rows)),
    ...sameAsReference('random', rows, split(randomRows(probes, 2))),
    ...(await sameForRealFaces()),
  ];
}

async function timesOf(rows: Float32Array, exact: Gallery): Promise<readonly Figure[]> {
  const policy = { maxDistance: 1, minMargin: 0.04 };
  const eightBits = galleryOf(rows, { precision: 'int8' });
  const small = galleryOf(rows.subarray(0, rows.length / 10));
  const byId = new Map(split(rows).map((values, row) => [`e${row}`, values.slice()]));
  const copy = new Float32Array(rows.length);
  const bytes = Buffer.alloc(rows.byteLength, 1);
  const probe = randomRows(1, 3);
  const searched = (gallery: Gallery) => async () => gallery.match({ modelId, values: probe }, policy);
  const works = {
    search: searched(exact),
    copying: async () => copy.set(rows),
    scanning: async () => bytes.indexOf(2),
    int8: searched(eightBits),
    small: searched(small),
    block: async () => nearestOfBlock(rows, probe),
    map: async () => nearestOfMap(byId, probe),
  };
  const times = await interleavedMs(Object.values(works), budgetMs, goal);
  const ms = Object.fromEntries(Object.keys(works).map((name, i) => [name, times[i]?.median ?? Number.NaN]));
  const { search = Number.NaN, copying = Number.NaN, scanning = Number.NaN } = ms;
  const time = (id: string, name: string, peer?: Figure['peer']): Figure =>
    figureOf({ id, value: ms[name] ?? Number.NaN, unit: 'ms', ...noGoal, ...(peer ? { peer } : {}) });
  return [
    figureOf({
      id: 'search.of-reading',
      value: search / copying,
      unit: 'times one reading',
      goal,
      higherIsBetter: false,
      // The fastest way for JavaScript to touch all of it: a sum in a loop takes three times as long and would flatter.
      peer: { name: `the memory copied once (Float32Array.set), ${copying.toFixed(1)} ms`, value: 1 },
    }),
    figureOf({
      id: 'search.of-scanning',
      value: search / scanning,
      unit: 'times one scan',
      ...noGoal,
      peer: { name: `as many bytes scanned by memchr (Buffer.indexOf), ${scanning.toFixed(1)} ms`, value: 1 },
    }),
    time('search.100000', 'search', { name: 'flat loop', value: Number((ms.block ?? 0).toPrecision(4)) }),
    time('search.100000.map-loop', 'map'),
    time('search.100000.int8', 'int8'),
    time('search.10000', 'small'),
  ];
}

const noGoal = { goal: Number.POSITIVE_INFINITY, higherIsBetter: false } as const;

/** Bytes an encoding, without and with ids and the rest. */
async function memoryOf(rows: Float32Array): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  // All stay until the end: what is given back late would be counted against the next.
  const held: Gallery[] = [];
  for (const precision of ['float32', 'int8'] as const) {
    const before = await usedBytes();
    const gallery = galleryOf(rows, { precision });
    held.push(gallery);
    const all = ((await usedBytes()) - before) / gallery.size;
    const bytes = { unit: 'bytes an encoding', ...noGoal };
    figures.push(
      figureOf({ id: `search.memory.${precision}`, value: gallery.byteLength / gallery.size, ...bytes }),
      figureOf({ id: `search.memory.${precision}.all`, value: all, ...bytes }),
    );
  }
  return figures;
}

/** What is in use. Buffers are given back some turns after the collection that found them. */
async function usedBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let turn = 0; turn < 5; turn++) {
    collect();
    await setImmediate();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

async function sameForRealFaces(): Promise<readonly Figure[]> {
  const faces = await realFaces();
  if (!faces || faces.length <= realProbes) {
    console.error('skipped: real probes; the pictures are not beside the repository (../shared/faces/lfw-dev)');
    return [];
  }
  const known = faces.slice(realProbes);
  const rows = rowsBetween(known, size, 4);
  known.forEach((values, row) => {
    rows.set(values, row * dimension);
  });
  return sameAsReference('real', rows, faces.slice(0, realProbes));
}

/** Probes whose nearest encoding is another one than in double precision: none for float32, a few for int8. */
function sameAsReference(name: string, rows: Float32Array, probes: readonly Float32Array[]): readonly Figure[] {
  const [exact, eightBits] = [galleryOf(rows), galleryOf(rows, { precision: 'int8' })];
  const wrong = { exact: 0, eightBits: 0 };
  for (const values of probes) {
    const nearest = `e${referenceNearest(rows, values)}`;
    const first = (gallery: Gallery) => gallery.search({ modelId, values }, 1)[0]?.encodingId;
    if (first(exact) !== nearest) wrong.exact++;
    if (first(eightBits) !== nearest) wrong.eightBits++;
  }
  const unit = `of ${probes.length} probes with another nearest`;
  return [
    figureOf({ id: `search.top1.${name}`, value: wrong.exact, unit, goal: 0, higherIsBetter: false }),
    figureOf({ id: `search.top1.${name}.int8`, value: wrong.eightBits, unit, ...noGoal }),
  ];
}

function galleryOf(rows: Float32Array, options: GalleryOptions = {}): Gallery {
  const gallery = new Gallery(modelId, dimension, options);
  split(rows).forEach((values, row) => {
    gallery.add(`p${row}`, `e${row}`, values);
  });
  return gallery;
}

function split(rows: Float32Array): Float32Array[] {
  return Array.from({ length: rows.length / dimension }, (_, row) =>
    rows.subarray(row * dimension, (row + 1) * dimension),
  );
}
