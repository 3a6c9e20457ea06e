import { importTfjsGraphModel } from '../../importers/tfjs-graph-model.ts';
import type { Network } from '../network.ts';

/** Side of the input in pixels. */
export const ANTISPOOF_INPUT_PX = 128;

/** Three convolutions and two dense layers over a face of 128 × 128: how real it is, 0 … 1. */
export const antispoof: Network = {
  name: 'antispoof',
  revision: 1,
  inputs: [{ name: 'conv2d_input', shape: ['batch', 3, ANTISPOOF_INPUT_PX, ANTISPOOF_INPUT_PX] }],
  outputs: [{ name: 'Identity', shape: ['batch', 1] }],
  build: ([json = new Uint8Array(), weights = new Uint8Array()]) =>
    importTfjsGraphModel('antispoof', json, weights, ['Identity']),
};
