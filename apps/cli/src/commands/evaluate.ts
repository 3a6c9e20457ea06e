import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LatchkeyError } from '@latchkey/domain';
import type { Command } from 'commander';
import { interruptible } from '../engines/interruptible.ts';
import { addModelsOptions, chooseModels, encodeFolder, type ModelsFlags } from '../evaluation/open-models.ts';
import { judge, type ModelResult, picturesOf, readPairs, toJson } from '../evaluation/pairs-of-pictures.ts';
import { renderReport } from '../evaluation/report.ts';
import { describeResults } from '../evaluation/result-text.ts';
import { exitCodes } from '../exit-codes.ts';
import { outputOf } from '../output.ts';

interface EvaluateFlags extends ModelsFlags {
  readonly images: string;
  readonly pairs: string;
  readonly report?: string;
}

const cancelled = 'Cancelled; encodings so far are kept, and the same command goes on from there.';

/** `latchkey evaluate`: how well models tell people apart, by LFW's protocol, on anybody's pictures. */
export function addEvaluateCommand(program: Command): void {
  const command = program
    .command('evaluate')
    .description(
      'Measures how well models tell people apart on pairs of pictures: accuracy by cross-validation, AUC, EER, TAR at FMR. ' +
        'Of several faces the one nearest to the middle counts; a pair with a missed face is wrong.',
    )
    .requiredOption('--images <dir>', 'folder of the pictures')
    .requiredOption('--pairs <file>', "LFW's pairs.txt, or CSV imageA,imageB,same[,fold] with paths below --images")
    .option('--report <file>', 'HTML page with tables, ROC and DET curves and the worst pairs');
  addModelsOptions(command).action(async (flags: EvaluateFlags) => {
    const output = outputOf(command);
    if (flags.report !== undefined && !existsSync(dirname(flags.report))) {
      throw new LatchkeyError('missing-file', `The folder ${dirname(flags.report)} of --report is not there; make it.`);
    }
    const [pairs, models] = [await readPairs(flags.images, flags.pairs), await chooseModels(flags)];
    const results = await interruptible(
      output,
      async (signal) => {
        const done: ModelResult[] = [];
        for (const model of models) {
          const folder = await encodeFolder(picturesOf(pairs), model, flags, output, signal);
          for (const { problem } of folder.pictures.values()) if (problem) output.note(`counts as missed: ${problem}`);
          done.push(judge(pairs, folder));
        }
        return done;
      },
      cancelled,
    );
    if (results === null) return;
    if (flags.report !== undefined) {
      await writeReport(flags.report, await renderReport(results, flags.images, flags.pairs));
      output.note(`report: ${flags.report}`);
    }
    output.result(describeResults(results), { models: results.map(toJson) });
    process.exitCode = exitCodes.done;
  });
}

async function writeReport(path: string, html: string): Promise<void> {
  await writeFile(path, html).catch((cause: unknown) => {
    throw new LatchkeyError('storage-failed', `${path} cannot be written: ${(cause as Error).message}.`, { cause });
  });
}
