import { errorRatesAt, type Proportion } from '@latchkey/vision';
import type { ModelResult } from './pairs-of-pictures.ts';

const columns = [
  'model',
  'detector',
  'pairs',
  'missed',
  'accuracy',
  'threshold',
  'AUC',
  'EER',
  'TAR@FMR 1e-2',
  'TAR@FMR 1e-3',
  'ms',
] as const;

/** Every figure of a result as one table row, in the order of {@link columns}. */
export function resultRow({ model, detector, evaluation, missed, msPerImage }: ModelResult): readonly string[] {
  const { pairs, accuracy, standardError, threshold, auc, eer, tarAtFmr } = evaluation;
  return [
    model.id,
    detector,
    String(pairs),
    String(missed.length),
    `${accuracy.toFixed(4)} ± ${standardError.toFixed(4)}`,
    threshold.toFixed(3),
    auc.toFixed(4),
    eer.toFixed(4),
    tarAtFmr['0.01'].toFixed(4),
    tarAtFmr['0.001'].toFixed(4),
    msPerImage === null ? '–' : msPerImage.toFixed(1),
  ];
}

/** Headings of {@link resultRow}. */
export const resultColumns: readonly string[] = columns;

/** A share with its 95 % interval. */
export function shareText({ rate, low, high }: Proportion): string {
  const percent = (value: number): string => (value * 100).toFixed(2);
  return `${percent(rate)} % (${percent(low)}–${percent(high)})`;
}

/** Results for people: one line a model, then the errors at the thresholds that doors use. */
export function describeResults(results: readonly ModelResult[]): string {
  const errors = results.flatMap(({ model, evaluation }) =>
    [
      ['1:1', model.maxDistance] as const,
      ['1:N', model.identifyMaxDistance] as const,
      ['found here', evaluation.threshold] as const,
    ].map(([use, threshold]) => {
      const { fmr, fnmr } = errorRatesAt(evaluation.trials, threshold);
      return [model.id, `${use} ${threshold.toFixed(3)}`, shareText(fmr), shareText(fnmr)];
    }),
  );
  return [
    ...table([resultColumns, ...results.map(resultRow)]),
    '',
    ...table([['model', 'threshold', 'FMR (95 %)', 'FNMR (95 %)'], ...errors]),
  ].join('\n');
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
