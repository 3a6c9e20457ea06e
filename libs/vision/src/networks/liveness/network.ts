import { importTfjsGraphModel } from '../../importers/tfjs-graph-model.ts';
import type { Network } from '../network.ts';

/** Side of the input in pixels. */
export const LIVENESS_INPUT_PX = 32;

/** Four convolutions and two dense layers over a face of 32 × 32: how likely it is alive, and a picture; their sum is 1. */
export const liveness: Network = {
  name: 'liveness',
  revision: 1,
  inputs: [{ name: 'conv2d_1_input', shape: ['batch', 3, LIVENESS_INPUT_PX, LIVENESS_INPUT_PX] }],
  outputs: [{ name: 'Identity', shape: ['batch', 2] }],
  build: ([json = new Uint8Array(), weights = new Uint8Array()]) =>
    importTfjsGraphModel('liveness', json, weights, ['Identity']),
};
