import type { Similarity } from '../image/warp.ts';

/**
 * The similarity without reflection that takes the points `from` closest to `to` in the least-squares sense (Umeyama
 * 1991; in two dimensions it is one complex regression).
 * @param from,to interleaved x, y of the same points.
 */
export function fitSimilarity(from: ArrayLike<number>, to: ArrayLike<number>): Similarity {
  const points = from.length / 2;
  let [fromX, fromY, toX, toY] = [0, 0, 0, 0];
  for (let i = 0; i < points; i++) {
    fromX += (from[2 * i] ?? 0) / points;
    fromY += (from[2 * i + 1] ?? 0) / points;
    toX += (to[2 * i] ?? 0) / points;
    toY += (to[2 * i + 1] ?? 0) / points;
  }
  let [along, across, spread] = [0, 0, 0];
  for (let i = 0; i < points; i++) {
    const px = (from[2 * i] ?? 0) - fromX;
    const py = (from[2 * i + 1] ?? 0) - fromY;
    const qx = (to[2 * i] ?? 0) - toX;
    const qy = (to[2 * i + 1] ?? 0) - toY;
    along += px * qx + py * qy;
    across += px * qy - py * qx;
    spread += px * px + py * py;
  }
  const a = spread > 0 ? along / spread : 1;
  const b = spread > 0 ? across / spread : 0;
  return { a, b, tx: toX - a * fromX + b * fromY, ty: toY - b * fromX - a * fromY };
}
