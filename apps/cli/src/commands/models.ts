import { isLatchkeyError } from '@latchkey/domain';
import { type ModelEntry, readModelFile, readModelManifest } from '@latchkey/vision';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { outputOf } from '../output.ts';

/** A model and whether its files are those that the manifest names. */
export interface ModelCheck {
  readonly name: string;
  readonly version: string;
  readonly task: ModelEntry['task'];
  readonly licence: string;
  readonly source: string;
  /** Null: all files are there and have the right SHA-256. */
  readonly problem: string | null;
}

/** Every model of the manifest with its files checked. */
export async function checkModels(): Promise<readonly ModelCheck[]> {
  return Promise.all(
    (await readModelManifest()).map(async ({ name, version, task, licence, source, files }) => {
      const problem = await Promise.all(files.map((file) => readModelFile(file))).then(
        () => null,
        (error: unknown) => (isLatchkeyError(error) ? error.message : Promise.reject(error)),
      );
      return { name, version, task, licence, source, problem };
    }),
  );
}

/** `latchkey models list` and `models verify`. */
export function addModelsCommand(program: Command): void {
  const models = program.command('models').description('Networks that faces are found and told apart with.');
  const list = models.command('list').description('Every model: task, licence, where it comes from.');
  list.action(() => report(list, false));
  const verify = models
    .command('verify')
    .description('Checks the SHA-256 of every file. Exit code 3: one is not right.');
  verify.action(() => report(verify, true));
}

async function report(command: Command, strict: boolean): Promise<void> {
  const models = await checkModels();
  const lines = models.map(({ name, version, task, licence, source, problem }) =>
    [name.padEnd(16), version.padEnd(18), task.padEnd(10), licence.padEnd(12), problem ?? source].join(' '),
  );
  outputOf(command).result(lines.join('\n'), { models });
  const broken = models.some(({ problem }) => problem !== null);
  process.exitCode = strict && broken ? exitCodes.serviceMissing : exitCodes.done;
}
