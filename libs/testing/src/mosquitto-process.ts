import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LatchkeyError } from '@latchkey/domain';
import { freePort } from '@latchkey/embedded';

/** Where Mosquitto is installed, null when it is not. Debian puts it where only root's PATH looks. */
export function findMosquitto(): string | null {
  for (const path of [
    'mosquitto',
    '/usr/sbin/mosquitto',
    '/usr/local/sbin/mosquitto',
    '/opt/homebrew/sbin/mosquitto',
  ]) {
    if (path.includes('/') && !existsSync(path)) continue;
    if (spawnSync(path, ['-h'], { stdio: 'ignore', timeout: 5_000 }).error === undefined) return path;
  }
  return null;
}

/** Options of a {@link MosquittoProcess}. */
export interface MosquittoProcessOptions {
  /** A folder of its own for configuration and log. */
  readonly folder: string;
  /** Further lines of `mosquitto.conf`. */
  readonly configuration?: readonly string[];
}

/** A real Mosquitto on loopback and a port of its own, open to everybody, that a test may kill and start again. */
export class MosquittoProcess {
  private readonly options: MosquittoProcessOptions;
  private child: ChildProcess | null = null;
  private port = 0;

  constructor(options: MosquittoProcessOptions) {
    this.options = options;
  }

  /** `mqtt://127.0.0.1:port`, the same after every restart. */
  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  get pid(): number | null {
    return this.child?.pid ?? null;
  }

  /**
   * Starts it and resolves when it takes connections. May be called twice.
   * @throws LatchkeyError `broker-unavailable` when Mosquitto is not installed or does not come up within 10 s.
   */
  async start(): Promise<void> {
    if (this.child) return;
    const binary = findMosquitto();
    if (!binary)
      throw new LatchkeyError('broker-unavailable', 'Mosquitto is not installed; install it or skip this test.');
    if (this.port === 0) this.port = await freePort(0);
    const child = spawn(binary, ['-c', this.writeConfiguration()], { stdio: 'ignore' });
    this.child = child;
    for (let waitedMs = 0; waitedMs < 10_000; waitedMs += 20) {
      if (child.exitCode !== null) break;
      if (await answers(this.port)) return;
      await delay(20);
    }
    await this.kill();
    throw new LatchkeyError('broker-unavailable', `Mosquitto did not come up on port ${this.port}.`);
  }

  /** Ends it as a power cut would, and resolves when it is gone. May be called twice. */
  async kill(): Promise<void> {
    const { child } = this;
    this.child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  private writeConfiguration(): string {
    mkdirSync(this.options.folder, { recursive: true });
    const path = join(this.options.folder, 'mosquitto.conf');
    const lines = [
      `listener ${this.port} 127.0.0.1`,
      'allow_anonymous true',
      'persistence false',
      'set_tcp_nodelay true',
      `log_dest file ${join(this.options.folder, 'mosquitto.log')}`,
      // Started as root, Mosquitto would otherwise become a user who cannot write that log.
      ...(process.getuid?.() === 0 ? ['user root'] : []),
      ...(this.options.configuration ?? []),
    ];
    writeFileSync(path, `${lines.join('\n')}\n`);
    return path;
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
