import { readCliConfig, readWebProxy } from '@latchkey/config';
import { LatchkeyError } from '@latchkey/domain';
import { LicenceBook, type ModelStatus, ModelStore } from '@latchkey/vision';
import { type Command, InvalidArgumentError } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { acceptLicence } from '../models/accept-licence.ts';
import { listenForInterruption } from '../models/interruption.ts';
import { modelsTable, sizeText, variantText } from '../models/models-table.ts';
import { outputOf } from '../output.ts';

interface AddFlags {
  readonly from?: string;
  readonly file?: string;
  readonly acceptLicence?: boolean;
  readonly idleTimeout: number;
}

/** `latchkey models list`, `add`, `verify` and `remove`: the networks of this machine. */
export function addModelsCommand(program: Command): void {
  const models = program.command('models').description('Networks that faces are found and told apart with.');
  addList(models);
  addAdd(models);
  addVerify(models);
  addRemove(models);
}

function openStore(): { readonly store: ModelStore; readonly book: LicenceBook } {
  const { modelCacheDir } = readCliConfig();
  return { store: new ModelStore(modelCacheDir), book: new LicenceBook(modelCacheDir) };
}

function addList(models: Command): void {
  const command = models
    .command('list')
    .description('Every model: task, size, whether it is here, licence, where from.');
  command.action(async () => {
    const all = await openStore().store.list();
    outputOf(command).result(modelsTable(all), { models: all });
    process.exitCode = exitCodes.done;
  });
}

function addAdd(models: Command): void {
  const command = models
    .command('add')
    .description('Gets a model and checks it. What was interrupted goes on where it stopped.')
    .argument('<name>', 'see "latchkey models list"')
    .option(
      '--file <path>',
      'take it from a file that you have, also a variant that the manifest knows; for nn4-small2 the folder or archive of its 226 CSV files',
    )
    .option('--from <url>', 'get the same file from another address')
    .option('--accept-licence', 'accept its licence without being asked')
    .option('--idle-timeout <seconds>', 'give a server up that sends nothing for this long', parseSeconds, 30);
  command.action((name: string, flags: AddFlags) => add(command, name, flags));
}

async function add(command: Command, name: string, flags: AddFlags): Promise<void> {
  const output = outputOf(command);
  const { store, book } = openStore();
  const interruption = listenForInterruption();
  const { signal } = interruption;
  try {
    const before = await store.status(name);
    const { stdin, stderr } = process;
    const terminal = stdin.isTTY && stderr.isTTY && !output.isJson ? { input: stdin, output: stderr } : null;
    // What comes with Latchkey's own packages has come with their licences already.
    if (!before.bundled) {
      await acceptLicence(before, { book, output, accepted: flags.acceptLicence === true, terminal, signal });
    }
    if (before.bundled && before.state !== 'ready')
      output.note(`getting ${before.source.slice('npm:'.length)} with npm`);
    const progress = output.progress(name, before.bytes === null ? 'files' : 'MB');
    const model = await store
      .add(name, {
        signal,
        onProgress: (done, total) => progress.update(done, total),
        stallMs: flags.idleTimeout * 1000,
        proxy: readWebProxy() ?? undefined,
        ...(flags.from === undefined ? {} : { from: flags.from }),
        ...(flags.file === undefined ? {} : { file: flags.file }),
      })
      .finally(() => progress.stop());
    const { bytes, variant } = model;
    const checked = bytes ? ` (${sizeText(bytes)}, SHA-256 checked${variant ? `; ${variantText(variant)}` : ''})` : '';
    output.result(`${name} is ready${checked}`, { model });
    process.exitCode = exitCodes.done;
  } catch (error) {
    if (!signal.aborted) throw error;
    output.note(`${name} was not added; what has arrived is kept, run the command again to go on.`);
  } finally {
    interruption.end();
  }
}

function addVerify(models: Command): void {
  const command = models
    .command('verify')
    .description('Checks the SHA-256 of every file that is here. Exit code 1: one is not right.')
    .argument('[names...]', 'only these');
  command.action(async (names: string[]) => {
    const { store } = openStore();
    const chosen = names.length > 0 ? await Promise.all(names.map((name) => store.status(name))) : await store.list();
    const absent = names.length > 0 ? chosen.find(({ state }) => state === 'absent') : undefined;
    if (absent) throw new LatchkeyError('not-found', `${absent.name} was not added; there is nothing to check.`);
    const here = chosen.filter(({ state }) => state !== 'absent');
    outputOf(command).result(here.map(verdict).join('\n'), { models: here });
    process.exitCode = here.some(({ state }) => state === 'damaged') ? exitCodes.denied : exitCodes.done;
  });
}

const verdict = ({ name, version, problem, variant }: ModelStatus): string =>
  `${name} ${version}: ${problem ?? (variant ? `good, ${variantText(variant)}` : 'good')}`;

function addRemove(models: Command): void {
  const command = models
    .command('remove')
    .description('Removes a model that was added; those that come with Latchkey stay.')
    .argument('<name>', 'see "latchkey models list"');
  command.action(async (name: string) => {
    await openStore().store.remove(name);
    outputOf(command).result(`${name} was removed`, { removed: name });
    process.exitCode = exitCodes.done;
  });
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  // `fetch` gives up by itself after 300 s.
  if (!(seconds > 0 && seconds <= 300)) throw new InvalidArgumentError('A time-out is a number from 0 to 300 seconds.');
  return seconds;
}
