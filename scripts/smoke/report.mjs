/** Counts what was checked, a line each with its seconds. */
export class Report {
  passed = 0;
  failed = 0;

  /**
   * Runs one check. When it fails nothing is thrown, unless the rest makes no sense without it.
   * @template T
   * @param {string} name
   * @param {() => Promise<T> | T} work
   * @param {{ vital?: boolean }} [options]
   * @returns {Promise<T | undefined>}
   */
  async check(name, work, { vital = false } = {}) {
    const start = performance.now();
    const seconds = () => `${((performance.now() - start) / 1000).toFixed(1)} s`;
    try {
      const result = await work();
      this.passed++;
      console.log(`ok    ${name} (${seconds()})`);
      return result;
    } catch (error) {
      this.failed++;
      console.log(`FAIL  ${name} (${seconds()}): ${error instanceof Error ? error.message : String(error)}`);
      if (vital) throw new Aborted(name);
      return undefined;
    }
  }
}

/** The rest would fail for the same reason. */
export class Aborted extends Error {}

/**
 * @param {unknown} condition
 * @param {string} message
 */
export function expect(condition, message) {
  if (!condition) throw new Error(message);
}

/**
 * Looks until something is there.
 * @template T
 * @param {string} what
 * @param {number} timeoutMs
 * @param {() => Promise<T | undefined | null | false> | T | undefined | null | false} look errors count as "not yet"
 * @returns {Promise<T>}
 */
export async function until(what, timeoutMs, look) {
  const deadline = performance.now() + timeoutMs;
  let last = '';
  for (;;) {
    try {
      const seen = await look();
      if (seen) return seen;
    } catch (error) {
      last = ` (${error instanceof Error ? error.message : error})`;
    }
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs / 1000} s in vain until ${what}${last}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
