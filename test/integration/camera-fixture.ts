import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe } from '@jest/globals';
import type { Clock, Frame } from '@latchkey/domain';

const run = promisify(execFile);

/** The machine's clocks. */
export const clock: Clock = { now: () => Date.now(), monotonicMs: () => performance.now() };

/** `describe`, or its `skip` with a reason where something is not installed. */
export function describeWhere(installed: boolean, what: string, name: string, tests: () => void): void {
  if (installed) describe(name, tests);
  else describe.skip(`${name} (skipped: ${what} is not installed)`, tests);
}

/** A film of a picture that moves, by ffmpeg. */
export async function makeFilm(path: string, seconds: number, size = '320x240'): Promise<void> {
  const source = `testsrc2=size=${size}:rate=10:duration=${seconds}`;
  await run('ffmpeg', [
    '-nostdin',
    '-loglevel',
    'error',
    '-f',
    'lavfi',
    '-i',
    source,
    '-c:v',
    'mjpeg',
    '-q:v',
    '3',
    path,
  ]);
}

/** The first frames of a camera. */
export async function take(frames: AsyncIterator<Frame>, count: number): Promise<Frame[]> {
  const taken: Frame[] = [];
  while (taken.length < count) {
    const { value, done } = await frames.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
}

/** Processes of this machine whose arguments hold `word`, with all of their arguments. */
export function processesWith(word: string): { pid: number; args: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      try {
        const args = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const [, state] = /^State:\s+(\w)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8')) ?? [];
        return args.includes(word) && state !== 'Z' ? [{ pid: Number(name), args }] : [];
      } catch {
        return [];
      }
    });
}

/** A local RTSP server: GStreamer's, through Python. */
export class RtspServer {
  private readonly child: ChildProcess;
  readonly port: number;

  private constructor(child: ChildProcess, port: number) {
    this.child = child;
    this.port = port;
  }

  /** Null where Debian's python3-gi and gir1.2-gst-rtsp-server-1.0 are not installed. */
  static async start(...login: string[]): Promise<RtspServer | null> {
    const script = fileURLToPath(new URL('./rtsp-server.py', import.meta.url));
    const child = spawn('/usr/bin/python3', [script, ...login], { stdio: ['pipe', 'pipe', 'ignore'] });
    const first = await new Promise<string | null>((resolve) => {
      child.once('error', () => resolve(null));
      child.once('exit', () => resolve(null));
      createInterface(child.stdout).once('line', resolve);
    });
    return first === null ? null : new RtspServer(child, Number(first));
  }

  /** Ends it. */
  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await ended;
  }
}
