import { type CurvePoint, errorCurve, type Trials } from '@latchkey/vision';

/** A model's curve and its colour. */
export interface ChartSeries {
  readonly name: string;
  readonly colour: string;
  readonly trials: Trials;
}

/** Okabe and Ito's colours, which colour-blind people tell apart too, without yellow. */
export const chartColours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00', '#000000'] as const;

interface Axis {
  readonly label: string;
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
}

const WIDTH = 520;
const HEIGHT = 380;
const MARGIN = { left: 58, right: 16, top: 14, bottom: 48 };

/** Receiver operating characteristic: true against false match rate, the latter in powers of ten. */
export function rocChart(series: readonly ChartSeries[]): string {
  const points = series.map(({ trials }) => errorCurve(trials).map((point) => ({ x: point.fmr, y: 1 - point.fnmr })));
  const lowest = Math.min(...points.flatMap((curve) => curve.filter(({ x }) => x > 0).map(({ y }) => y)));
  // Room below the lowest point that can be drawn, so that good models can be told apart.
  const low = Math.max(0, Math.floor(lowest * 10 - 0.5) / 10);
  return chart('ROC', series, points, fmrAxis(series), { label: 'true match rate', low, high: 1, log: false });
}

/** Detection error trade-off: FNMR against FMR, both in powers of ten (ISO/IEC 19795-1). */
export function detChart(series: readonly ChartSeries[]): string {
  const points = series.map(({ trials }) =>
    errorCurve(trials).map((point: CurvePoint) => ({ x: point.fmr, y: point.fnmr })),
  );
  const low = decadeBelow(Math.min(...series.map(({ trials }) => 1 / trials.genuine.length)));
  const y = { label: 'false non-match rate', low, high: 1, log: true };
  return chart('DET', series, points, fmrAxis(series), y);
}

/** From one false match in all impostor pairs on: less cannot be measured. */
function fmrAxis(series: readonly ChartSeries[]): Axis {
  const low = decadeBelow(Math.min(...series.map(({ trials }) => 1 / trials.impostor.length)));
  return { label: 'false match rate', low, high: 1, log: true };
}

function decadeBelow(value: number): number {
  return 10 ** Math.floor(Math.log10(value) + 1e-9);
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function chart(title: string, series: readonly ChartSeries[], curves: readonly (readonly Point[])[], x: Axis, y: Axis) {
  const toX = scale(x, MARGIN.left, WIDTH - MARGIN.right);
  const toY = scale(y, HEIGHT - MARGIN.bottom, MARGIN.top);
  const bottom = HEIGHT - MARGIN.bottom;
  const grid = [
    ...ticks(x).map((tick) => {
      const at = toX(tick).toFixed(1);
      return `<path d="M${at} ${MARGIN.top}V${bottom}"/><text x="${at}" y="${bottom + 16}" text-anchor="middle">${tickText(tick, x)}</text>`;
    }),
    ...ticks(y).map((tick) => {
      const at = toY(tick).toFixed(1);
      return `<path d="M${MARGIN.left} ${at}H${WIDTH - MARGIN.right}"/><text x="${MARGIN.left - 6}" y="${at}" dy="4" text-anchor="end">${tickText(tick, y)}</text>`;
    }),
  ];
  const lines = curves.map((curve, i) => {
    const { name = '', colour = '#000' } = series[i] ?? {};
    // A measured curve is a staircase: between two distances nothing is known.
    const path = curve.map((point, at) => {
      const [left, top] = [toX(point.x).toFixed(1), toY(point.y).toFixed(1)];
      return at === 0 ? `M${left} ${top}` : `H${left}V${top}`;
    });
    return `<path d="${dropRepeats(path).join('')}" stroke="${colour}"><title>${escapeHtml(name)}</title></path>`;
  });
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title} curves"><g class="grid">${grid.join('')}</g>
<g class="curves">${lines.join('')}</g>
<text x="${(MARGIN.left + WIDTH - MARGIN.right) / 2}" y="${HEIGHT - 10}" text-anchor="middle">${x.label}</text>
<text transform="translate(14 ${(MARGIN.top + bottom) / 2}) rotate(-90)" text-anchor="middle">${y.label}</text></svg>`;
}

function dropRepeats(steps: readonly string[]): string[] {
  return steps.filter((step, i) => step !== steps[i - 1]);
}

/** From a value to a place; what lies below an axis that starts above 0 is drawn at its start. */
function scale({ low, high, log }: Axis, from: number, to: number): (value: number) => number {
  const place = (value: number): number => (log ? Math.log10(value) : value);
  return (value) => {
    const inside = Math.min(Math.max(value, low), high);
    return from + ((place(inside) - place(low)) / (place(high) - place(low))) * (to - from);
  };
}

function ticks({ low, high, log }: Axis): number[] {
  if (!log) return Array.from({ length: 6 }, (_, i) => low + ((high - low) * i) / 5);
  const decades = Math.round(Math.log10(high / low));
  return Array.from({ length: decades + 1 }, (_, i) => low * 10 ** i);
}

function tickText(value: number, { log }: Axis): string {
  if (!log) return value.toFixed(2);
  return value > 0.5 ? '1' : `1e−${Math.round(-Math.log10(value))}`;
}

/** Text that means itself in HTML and SVG, also within quotes. */
export function escapeHtml(text: string): string {
  const names: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": '#39' };
  return text.replace(/[&<>"']/g, (character) => `&${names[character]};`);
}
