import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { root } from './root.mjs';

/** A step that did not work; its output has been shown. */
export class StepFailed extends Error {}

/**
 * Runs a command quietly as one step: one line with its seconds on stderr, its output only when it fails.
 * @param {string} title
 * @param {string} command
 * @param {string[]} args
 * @throws {StepFailed}
 */
export async function step(title, command, args) {
  const start = performance.now();
  process.stderr.write(`${title} … `);
  let output = '';
  const code = await new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.once('error', (error) => {
      output += error.message;
      resolve(1);
    });
    child.once('close', resolve);
  });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  process.stderr.write(`${seconds} s${code === 0 ? '' : ', failed'}\n`);
  if (code === 0) return;
  process.stderr.write(`${output.trimEnd()}\n\n"${[command, ...args].join(' ')}" ended with ${code}.\n`);
  throw new StepFailed(title);
}

/**
 * Runs a Node program in the foreground and answers with its exit code (128 + n for a signal). Signals to this process
 * are passed on. When npm, which started us, was killed and could pass nothing on, the program is asked to end too.
 * @param {string[]} args
 * @param {{ cwd?: string, tethered?: boolean }} [options] tethered: the program has an IPC channel that breaks when we are killed.
 * @returns {Promise<number>}
 */
export function foreground(args, { cwd = root, tethered = false } = {}) {
  const stdio = tethered ? /** @type {const} */ (['inherit', 'inherit', 'inherit', 'ipc']) : 'inherit';
  const child = spawn(process.execPath, args, { cwd, stdio });
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
  const passOn = signals.map((signal) => {
    const listener = () => child.kill(signal);
    process.on(signal, listener);
    return { signal, listener };
  });
  const parent = process.ppid;
  const orphaned = setInterval(() => {
    if (process.env.npm_lifecycle_event && process.ppid !== parent) {
      clearInterval(orphaned);
      child.kill('SIGTERM');
    }
  }, 500);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      clearInterval(orphaned);
      for (const { signal: name, listener } of passOn) process.off(name, listener);
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}
