import { existsSync } from 'node:fs';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { childEnvironment } from '@latchkey/config';
import { LatchkeyError } from '@latchkey/domain';
import type { EngineTest } from '@latchkey/vision';
import { installBuild } from './engine-build.ts';
import { installPackage } from './install-package.ts';
import type { InstallOptions } from './install-tensorflow.ts';
import { type CommandOptions, runCommand } from './run-command.ts';
import { testInChild } from './test-in-child.ts';

/** The version of ONNX Runtime that Latchkey's own packages have too: its libraries must be of the very same. */
export const onnxRuntime = { name: 'onnxruntime-node', version: '1.30.0' } as const;

/** What the package does not bring along, because it is too large for npm. */
const libraries = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'] as const;

/**
 * Installs a second ONNX Runtime with its CUDA libraries, for NVIDIA GPUs on x64. Where CUDA does not start, it computes on
 * the CPU and its description says why.
 * @throws LatchkeyError `engine-unavailable` on other machines or when something cannot be had, `missing-file` when `from` has
 * not the libraries.
 */
export async function installCuda(options: InstallOptions): Promise<EngineTest> {
  const { engineDir, modelCacheDir, from, signal, note } = options;
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new LatchkeyError(
      'engine-unavailable',
      `ONNX Runtime's CUDA libraries are made for Linux x64 only, this is ${process.platform}-${process.arch}. ` +
        'On a Jetson run "latchkey engine install tensorflow" with NVIDIA\'s wheel.',
    );
  }
  if (from !== 'auto') assertLibraries(from);
  await mkdir(engineDir, { recursive: true }).catch(() => undefined);
  const log = join(engineDir, 'install-cuda.log');
  await rm(log, { force: true });
  const commands: CommandOptions = { env: childEnvironment({}), signal, log };
  return installBuild(engineDir, 'cuda', async ({ root, engine }) => {
    note(`getting ${onnxRuntime.name} ${onnxRuntime.version} by npm, without its scripts`);
    await installPackage(engine, onnxRuntime, {}, commands);
    const folder = join(engine, 'node_modules', onnxRuntime.name);
    if (from === 'auto') {
      note('its own script downloads its CUDA libraries, some hundred megabytes');
      await runInstallScript(folder, commands);
    } else {
      const beside = join(folder, 'bin', 'napi-v6', 'linux', 'x64');
      for (const name of libraries) await copyFile(join(from, name), join(beside, name));
    }
    note('testing it on a golden encoding');
    return testInChild('onnx', { root, modelCacheDir, commands });
  });
}

function assertLibraries(from: string): void {
  const missing = libraries.filter((name) => !existsSync(join(from, name)));
  if (missing.length === 0) return;
  throw new LatchkeyError(
    'missing-file',
    `${resolve(from)} has no ${missing.join(' and no ')}. They are in ONNX Runtime's GPU package of version ` +
      `${onnxRuntime.version} for Linux x64; or pass --from auto to download them.`,
  );
}

async function runInstallScript(folder: string, commands: CommandOptions): Promise<void> {
  const script = join(folder, 'script', 'install.js');
  const done = await runCommand(process.execPath, [script, '--onnxruntime-node-install=cuda12'], {
    ...commands,
    cwd: folder,
  });
  if (done.ok) return;
  const reason = done.stderr.split('\n').find((line) => /error/i.test(line)) ?? done.end;
  throw new LatchkeyError(
    'engine-unavailable',
    `ONNX Runtime's CUDA libraries cannot be downloaded: ${reason.trim()}. Get its GPU package of version ` +
      `${onnxRuntime.version} by other means and pass --from DIR. The whole output is in ${commands.log}.`,
  );
}
