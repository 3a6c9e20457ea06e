import { errorRatesAt } from '@latchkey/vision';
import { type ChartSeries, chartColours, detChart, escapeHtml, rocChart } from './charts.ts';
import type { ModelResult } from './pairs-of-pictures.ts';
import { pictureSheet } from './picture-sheet.ts';
import { resultColumns, resultRow, shareText } from './result-text.ts';

/** Thresholds of the table of errors. */
const STEPS = 12;

const style = `body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:1140px;padding:0 1rem;color:#1b1f24}
table{border-collapse:collapse;margin:.8rem 0;font-variant-numeric:tabular-nums}td,th{padding:.25rem .7rem;border-bottom:1px solid #d8dde3;text-align:right}
td:first-child,th:first-child{text-align:left}td:not(:first-child){white-space:nowrap}.charts{display:flex;flex-wrap:wrap;gap:1rem}.charts svg{width:520px;max-width:100%}
svg text{font:12px system-ui,sans-serif;fill:#444}.grid path{stroke:#e3e7eb}.curves path{fill:none;stroke-width:2}
.key{display:inline-block;width:1.1em;height:.25em;margin-right:.4em;vertical-align:middle}
.sheet{display:flex;flex-wrap:wrap;gap:.8rem}figure{margin:0;padding:.4rem;border:1px solid #d8dde3;border-radius:6px}
figure img{height:112px;margin-right:3px}figcaption{font-size:12px;max-width:250px;overflow-wrap:anywhere}`;

/**
 * A page that needs nothing beside itself: figures, ROC and DET, errors by threshold with their 95 % intervals, and the
 * pictures of the worst pairs. It shows people's faces and is to be kept as they are.
 * @param images the folder of pictures, which their names leave out.
 * @param pairsFile what the list of pairs is called.
 */
export async function renderReport(
  results: readonly ModelResult[],
  images: string,
  pairsFile: string,
): Promise<string> {
  const series = results.map(
    ({ model, evaluation }, i): ChartSeries => ({
      name: model.id,
      colour: chartColours[i % chartColours.length] ?? '#000',
      trials: evaluation.trials,
    }),
  );
  const key = series.map(
    ({ name, colour }) => `<span class="key" style="background:${colour}"></span>${escapeHtml(name)}`,
  );
  const details: string[] = [];
  for (const result of results) {
    details.push(
      `<h2>${escapeHtml(result.model.id)}</h2><h3>Errors by threshold</h3>${errorTable(result)}<h3>Folds</h3>${foldTable(result)}` +
        (await pictureSheet(result, images)),
    );
  }
  const { genuine, impostor } = results[0]?.evaluation.trials ?? { genuine: [], impostor: [] };
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Face verification: ${escapeHtml(pairsFile)}</title>
<style>${style}</style>
<h1>Face verification</h1>
<p>${escapeHtml(pairsFile)}: ${genuine.length} pairs of one person, ${impostor.length} of two people. Accuracy is the mean over the folds,
each at the threshold that was best on the others, ± its standard error. Of several faces on a picture the one nearest to its
middle counts. A pair with a missed face is wrong at every threshold. Times are medians of one picture from its bytes to the encoding.</p>
${htmlTable([resultColumns, ...results.map(resultRow)])}
<p>${key.join(' &nbsp; ')}</p>
<div class="charts"><div><h2>ROC</h2>${rocChart(series)}</div><div><h2>DET</h2>${detChart(series)}</div></div>
${details.join('\n')}
<p>Intervals: Clopper and Pearson, 95 %. Pairs share pictures and people, so the true uncertainty is somewhat larger.</p>
</html>
`;
}

function errorTable({ model, evaluation }: ModelResult): string {
  const { trials } = evaluation;
  const finite = (values: Float64Array): number[] => [...values].filter(Number.isFinite);
  const from = finite(trials.impostor)[0] ?? 0;
  const to = finite(trials.genuine).at(-1) ?? from;
  const [low, high] = [Math.min(from, to), Math.max(from, to)];
  const even = Array.from({ length: STEPS + 1 }, (_, i) => low + ((high - low) * i) / STEPS);
  const named = new Map([
    [model.maxDistance, 'the card’s, 1:1'],
    [model.identifyMaxDistance, 'the card’s, 1:N'],
    [evaluation.threshold, 'mean of the folds'],
  ]);
  const rows = [...new Set([...even, ...named.keys()])]
    .sort((a, b) => a - b)
    .map((threshold) => {
      const { fmr, fnmr } = errorRatesAt(trials, threshold);
      return [threshold.toFixed(3), shareText(fmr), shareText(fnmr), named.get(threshold) ?? ''];
    });
  return htmlTable([['threshold', 'FMR (95 %)', 'FNMR (95 %)', ''], ...rows]);
}

function foldTable({ evaluation }: ModelResult): string {
  const rows = evaluation.folds.map(({ fold, pairs, threshold, accuracy }) => [
    String(fold),
    String(pairs),
    threshold.toFixed(3),
    accuracy.toFixed(4),
  ]);
  return htmlTable([['fold', 'pairs', 'threshold of the others', 'accuracy'], ...rows]);
}

function htmlTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[], tag: string): string =>
    `<tr>${row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`;
  return `<table><thead>${cells(head, 'th')}</thead><tbody>${rows.map((row) => cells(row, 'td')).join('')}</tbody></table>`;
}
