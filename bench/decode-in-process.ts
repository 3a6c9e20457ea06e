import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';

const decoded = z.object({
  file: z.string(),
  /** `picture` or the code of the error. */
  outcome: z.string(),
  seconds: z.number(),
  /** Above what was in use before, in MiB. */
  peakMiB: z.number(),
});

/** What became of one file. */
export type Decoded = z.infer<typeof decoded>;

/**
 * Decodes files one after another in one process of its own with the compiled vision library. The peak of its memory is
 * the system's own figure on Linux, elsewhere what is seen every few milliseconds.
 * @param vision address of the compiled `index.js`.
 * @param timeoutMs for all of them; the process is ended then.
 * @throws when the process dies: of a signal, of memory, of time.
 */
export async function decodeInProcess(
  vision: string,
  files: readonly string[],
  options: { readonly maxSidePx?: number; readonly timeoutMs: number },
): Promise<readonly Decoded[]> {
  const { timeoutMs, ...decoding } = options;
  const program = `
    import { readFileSync, writeFileSync } from 'node:fs';
    const { decodeImage } = await import(${JSON.stringify(vision)});
    const inUse = () => process.memoryUsage.rss() / 1024 ** 2;
    const peak = () => Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
    const forget = () => { try { writeFileSync('/proc/self/clear_refs', '5'); return true; } catch { return false; } };
    for (const file of ${JSON.stringify(files)}) {
      const bytes = readFileSync(file);
      const exact = forget();
      const before = inUse();
      let seen = before;
      const watch = setInterval(() => { seen = Math.max(seen, inUse()); }, 5);
      const started = performance.now();
      const outcome = await decodeImage(bytes, ${JSON.stringify(decoding)}).then(
        ({ width, height, data }) => (data.length === width * height * 3 ? 'picture' : 'picture of another size'),
        (error) => error.code ?? String(error));
      const seconds = (performance.now() - started) / 1000;
      clearInterval(watch);
      console.log(JSON.stringify({ file, outcome, seconds, peakMiB: (exact ? peak() : seen) - before }));
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = new Promise<string | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code === 0 ? null : (signal ?? `exit code ${code}`)));
  });
  const results: Decoded[] = [];
  for await (const line of createInterface({ input: child.stdout })) results.push(decoded.parse(JSON.parse(line)));
  const reason = await ended;
  const next = files[results.length];
  if (reason !== null) throw new Error(`The process ended with ${reason} at ${next ?? 'its end'}. ${errors}`);
  return results;
}
