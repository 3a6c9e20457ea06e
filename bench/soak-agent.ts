import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '@latchkey/config';
import type { AgentIdentity } from '@latchkey/contracts';
import { z } from 'zod';

const program = fileURLToPath(new URL('../../apps/edge-agent/dist/main.js', import.meta.url));
const levelLine = z.object({ level: z.number(), msg: z.string().optional() });
const readyMessage = z.object({ type: z.literal('agent-ready') });
/** What V8 says of a collection of everything: which isolate, and what is left. */
const collected = /^\[\d+:(0x[0-9a-f]+)\].*(?:Mark-Compact|Mark-sweep).*-> ([\d.]+) \(/;

/** The agent as it is installed, in a process of its own that ends with this one; looked at from outside. */
export class SoakedAgent {
  /** Lines of its log that are errors or worse. */
  readonly errors: string[] = [];
  warnings = 0;
  ready = false;
  private readonly child: ChildProcess;
  /** Least heap after a collection since the last {@link takeHeapMB}, by isolate; then what it was before. */
  private heaps = new Map<string, number>();
  private lastHeaps = new Map<string, number>();

  private constructor(child: ChildProcess) {
    this.child = child;
    child.on('message', (message) => {
      if (readyMessage.safeParse(message).success) this.ready = true;
    });
    if (child.stderr) createInterface(child.stderr).on('line', (line) => this.read(line));
    if (child.stdout) createInterface(child.stdout).on('line', (line) => this.readCollection(line));
  }

  /** Starts it before a folder of pictures. */
  static start(folder: string, identity: AgentIdentity, camera: string): SoakedAgent {
    if (!existsSync(program)) throw new Error('The agent is not compiled; run "npm run build".');
    const agentDir = join(folder, 'agent');
    mkdirSync(agentDir, { recursive: true });
    writeFileSync(join(agentDir, 'agent.json'), JSON.stringify(identity), { mode: 0o600 });
    // As `npm start` starts it, with what the C library is told of memory.
    const env = childEnvironment({
      LATCHKEY_AGENT_DIR: agentDir,
      LATCHKEY_CAMERA: camera,
      LATCHKEY_CAMERA_FPS: '5',
      LATCHKEY_CAMERA_HOLD_MS: '2000',
      LATCHKEY_MODEL_CACHE_DIR: join(folder, 'networks'),
    });
    // A session of its own: Ctrl-C reaches only this process, which then ends it in order.
    const options = { env, detached: true, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] as ('ignore' | 'pipe' | 'ipc')[] };
    return new SoakedAgent(spawn(process.execPath, ['--trace-gc', program], options));
  }

  /** Exit code or signal once it has ended, null while it runs. */
  get ended(): number | string | null {
    return this.child.exitCode ?? this.child.signalCode;
  }

  /** What the system says of its process now. */
  look(): { readonly rssMB: number; readonly handles: number; readonly threads: number } | null {
    const { pid } = this.child;
    const memory = pid === undefined ? null : memoryOf(pid);
    if (pid === undefined || memory === null) return null;
    return { ...memory, handles: readdirSync(`/proc/${pid}/fd`).length };
  }

  /** JavaScript heap after collections since the last call, over all threads, in MB; null before there was any. */
  takeHeapMB(): number | null {
    this.lastHeaps = new Map([...this.lastHeaps, ...this.heaps]);
    this.heaps = new Map();
    return this.lastHeaps.size === 0 ? null : [...this.lastHeaps.values()].reduce((sum, heap) => sum + heap, 0);
  }

  /** Ends it in order. May be called twice. */
  async stop(): Promise<void> {
    if (this.ended !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await gone;
  }

  private read(line: string): void {
    const told = levelLine.safeParse(parsed(line));
    // What is no line of the log, a crash writes.
    if (!told.success || told.data.level >= 50) this.errors.push(line.slice(0, 500));
    else if (told.data.level >= 40) this.warnings++;
  }

  private readCollection(line: string): void {
    const [, isolate, left] = collected.exec(line) ?? [];
    if (isolate === undefined) return;
    const heapMB = Number(left) * 1.048576;
    this.heaps.set(isolate, Math.min(this.heaps.get(isolate) ?? heapMB, heapMB));
  }
}

/** Resident memory (MB) of the child of this process that runs a program, null when there is none. */
export function childMemoryMB(programPath: string): number | null {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ');
  const pid = children.find((child) => commandOf(child).includes(programPath));
  return pid === undefined ? null : (memoryOf(Number(pid))?.rssMB ?? null);
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function memoryOf(pid: number): { readonly rssMB: number; readonly threads: number } | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const value = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
    return { rssMB: (value('VmRSS') * 1024) / 1e6, threads: value('Threads') };
  } catch {
    return null;
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
