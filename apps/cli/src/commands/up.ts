import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { describeCameraSource, parseCamera, readUpConfig, type UpConfig } from '@latchkey/config';
import { LatchkeyError } from '@latchkey/domain';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { parsePort } from '../option-parsers.ts';
import { outputOf } from '../output.ts';
import type { AgentCamera } from '../supervisor/agent-part.ts';
import { asText } from '../supervisor/announcement.ts';
import { installedParts } from '../supervisor/part-paths.ts';
import { Supervisor } from '../supervisor/supervisor.ts';

interface UpFlags {
  readonly port?: number;
  readonly data?: string;
  readonly demo: boolean;
  readonly camera?: string;
}

/** A terminal repeats its Ctrl-C to every process of a group, npm included; signals this close together are one. */
const sameSignalMs = 2000;

/** `latchkey up`: database, broker, central, dashboard and a demo agent on this machine, until Ctrl-C. */
export function addUpCommand(program: Command): void {
  program
    .command('up')
    .description('Runs everything on this machine: Postgres, broker, central with the dashboard, and a demo agent.')
    .option('--port <port>', 'first HTTP port to try (default: 8080)', parsePort)
    .option('--data <dir>', 'folder of everything that is kept (default: .latchkey)')
    .option('--no-demo', 'without the demo agent')
    .option(
      '--camera <camera>',
      'camera of the demo agent: rtsp://…, http://…, /dev/video0, csi://0, test:, a film, or a folder of pictures that are played as frames',
    )
    .action(async (flags: UpFlags, command: Command) => {
      process.exitCode = await up(flags, command);
    });
}

async function up(flags: UpFlags, command: Command): Promise<number> {
  const output = outputOf(command);
  const config = readUpConfig();
  const parts = installedParts();
  const dataDir = resolve(flags.data ?? config.dataDir);
  const supervisor = new Supervisor({
    dataDir,
    httpPort: flags.port ?? config.httpPort,
    siteId: config.siteId,
    databaseUrl: config.databaseUrl,
    parts,
    demo: flags.demo ? { camera: demoAgentCamera(flags.camera, config) } : null,
    announce: (announcement) => output.result(asText(announcement), announcement),
  });
  const asked = stopSignal(() => supervisor.hurry());
  const started = supervisor.start();
  const outcome = await Promise.race([started.then((info) => info), asked.then(() => null)]);
  if (outcome) {
    const { httpUrl, admin } = outcome;
    const password = admin.password ?? '(the one you chose)';
    output.result(
      `\n  Dashboard   ${httpUrl}\n  Sign in     ${admin.email}  ${password}\n  Data        ${dataDir} (addresses and passwords for scripts: run.json)\n  Stop        Ctrl-C\n`,
      { event: 'running', dataDir, httpUrl, admin },
    );
    await asked;
  }
  output.result(asText({ event: 'stopping' }), { event: 'stopping' });
  await supervisor.stop();
  await started.catch(() => {});
  output.result(asText({ event: 'stopped' }), { event: 'stopped' });
  return exitCodes.done;
}

/** What `--camera` or the environment names; null: neither does. Paths are checked here, where somebody reads the answer. */
function demoAgentCamera(flag: string | undefined, config: UpConfig): AgentCamera | null {
  if (flag === undefined && config.severalCameras) return { address: null, shown: 'as LATCHKEY_CAMERAS says' };
  const address = flag ?? config.camera;
  if (address === null) return null;
  const { source } = parseCamera(address);
  const shown = describeCameraSource(source);
  if (source.type === 'folder') assertPictures(source.path);
  if (source.type === 'file' && !existsSync(source.path)) {
    throw new LatchkeyError('missing-file', `The film ${source.path} is not there; check --camera.`);
  }
  return { address, shown };
}

function assertPictures(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).some((name) => /\.(jpe?g|png|webp)$/i.test(name))) return;
  throw new LatchkeyError('missing-file', `The camera folder ${folder} has no pictures; pass one with --camera.`);
}

/** Resolves at the first signal to stop, or when `npm start` was killed; a signal that comes well after it calls `again`. */
function stopSignal(again: () => void): Promise<void> {
  return new Promise((done) => {
    let firstMs: number | null = null;
    const listener = () => {
      if (firstMs === null) {
        firstMs = performance.now();
        done();
      } else if (performance.now() - firstMs > sameSignalMs) again();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, listener);
    // scripts/bootstrap.mjs holds the other end of this channel, if there is one; it alone must not keep this process alive.
    process.once('disconnect', listener);
    process.channel?.unref();
  });
}
