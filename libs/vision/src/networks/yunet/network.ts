import { LatchkeyError } from '@latchkey/domain';
import type { TensorSpec } from '../../graph/graph.ts';
import type { ReadyNetwork } from '../ready-onnx.ts';

/** Pixels per cell of the three output layers. */
export const YUNET_STRIDES = [8, 16, 32] as const;

/** What each layer gives per cell: class and object score, box, five points. */
export const yunetValues = { cls: 1, obj: 1, bbox: 4, kps: 10 } as const;

/**
 * YuNet (libfacedetection, 2023mar) for pictures of one size, BGR 0 … 255.
 * @param width,height multiples of 32.
 * @throws LatchkeyError `invalid-input` for other sizes.
 */
export function yunet(width: number, height: number): ReadyNetwork {
  if (!(width > 0 && height > 0 && width % 32 === 0 && height % 32 === 0)) {
    throw new LatchkeyError('invalid-input', `YuNet takes sizes that are multiples of 32, not ${width} × ${height}.`);
  }
  const outputs = Object.entries(yunetValues).flatMap(([kind, values]) =>
    YUNET_STRIDES.map((stride): TensorSpec => {
      const cells = (width / stride) * (height / stride);
      return { name: `${kind}_${stride}`, shape: ['batch', cells, values] };
    }),
  );
  return { name: 'yunet', inputs: [{ name: 'input', shape: ['batch', 3, height, width] }], outputs };
}
