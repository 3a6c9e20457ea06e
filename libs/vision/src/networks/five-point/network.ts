import type { PixelNormalisation } from '../../image/warp.ts';
import type { ReadyNetwork } from '../ready-onnx.ts';

/** Side of the aligned face in pixels. */
export const FIVE_POINT_PX = 112;

/** Values of one encoding. */
export const FIVE_POINT_DIMENSION = 128;

/** An encoder of faces that are aligned by five points. */
export interface FivePointNetwork extends ReadyNetwork {
  readonly pixels: PixelNormalisation;
}

function encoder(name: string, input: string, output: string, pixels: PixelNormalisation): FivePointNetwork {
  return {
    name,
    inputs: [{ name: input, shape: ['batch', 3, FIVE_POINT_PX, FIVE_POINT_PX] }],
    outputs: [{ name: output, shape: ['batch', FIVE_POINT_DIMENSION] }],
    pixels,
  };
}

/** The encoders that can be added, by their name in `weights/manifest.json`. */
export const fivePointNetworks = {
  /** foamliu/MobileFaceNet; ImageNet's mean and deviation. */
  mobilefacenet: encoder('mobilefacenet', 'input0', 'output0', {
    mean: [0.485 * 255, 0.456 * 255, 0.406 * 255],
    factor: [1 / (0.229 * 255), 1 / (0.224 * 255), 1 / (0.225 * 255)],
  }),
  /** OpenCV's SFace (2021dec), which normalises by itself. */
  sface: encoder('sface', 'data', 'fc1', { mean: [0, 0, 0], factor: 1 }),
} as const;

/** Name of one of them. */
export type FivePointEncoderName = keyof typeof fivePointNetworks;
