import { createRequire } from 'node:module';

/** What the native search takes: rows of one type one after another, and one probe of the same type. */
export type Rows = Float32Array | Int8Array;

/** Exact search in native code: the `count` nearest rows by squared Euclidean distance, nearest first. */
export type NativeSearch = (
  rows: Rows,
  probe: Rows,
  dimension: number,
  count: number,
) => { readonly rows: readonly number[]; readonly squared: ArrayLike<number> };

/** The search that this machine has. */
export interface ExactSearch {
  /** Null: it does not load here, and the gallery's own loop is used. */
  readonly native: NativeSearch | null;
  /** Why there is no native search; null when there is. */
  readonly note: string | null;
}

/** The part of `usearch` that is used; its own types are not there where npm left the package out. */
interface Usearch {
  exactSearch(
    rows: Rows,
    probe: Rows,
    dimension: number,
    count: number,
    metric: 'l2sq',
    threads: number,
  ): { keys: BigUint64Array; distances: Float32Array };
}

/** One is as fast as two (the search waits for memory), and the other cores are the networks'. */
const threads = 1;

let opened: ExactSearch | null = null;

/**
 * The native search, loaded once. `usearch` is optional: its prebuilt code wants glibc 2.34, and is there for x64 and arm64.
 */
export function openExactSearch(): ExactSearch {
  opened ??= exactSearchOf(() => createRequire(import.meta.url)('usearch') as Usearch);
  return opened;
}

/** The search of a module; for tests of a machine without it. */
export function exactSearchOf(require: () => Usearch): ExactSearch {
  try {
    const { exactSearch } = require();
    return { native: nativeSearch(exactSearch), note: null };
  } catch (error) {
    const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return { native: null, note: `usearch does not load (${why}); galleries are searched by a slower loop.` };
  }
}

function nativeSearch(exactSearch: Usearch['exactSearch']): NativeSearch {
  return (rows, probe, dimension, count) => {
    // It reads from the start of a view's buffer, wherever the view begins; `slice` gives the probe a buffer of its own.
    const { keys, distances } = exactSearch(rows, probe.slice(), dimension, count, 'l2sq', threads);
    return { rows: Array.from(keys, Number), squared: distances };
  };
}
