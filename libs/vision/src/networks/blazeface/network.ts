import { importTfjsGraphModel } from '../../importers/tfjs-graph-model.ts';
import type { Network } from '../network.ts';

/** Side of BlazeFace's input in pixels. */
export const BLAZEFACE_INPUT_PX = 256;

/** BlazeFace: one pass that gives scores, boxes and six points for 896 places of a 256 × 256 picture. */
export const blazeface: Network = {
  name: 'blazeface',
  revision: 1,
  inputs: [{ name: 'input', shape: ['batch', 3, BLAZEFACE_INPUT_PX, BLAZEFACE_INPUT_PX] }],
  outputs: [
    { name: 'Identity', shape: ['batch', 512, 1] },
    { name: 'Identity_1', shape: ['batch', 384, 1] },
    { name: 'Identity_2', shape: ['batch', 512, 16] },
    { name: 'Identity_3', shape: ['batch', 384, 16] },
  ],
  build([json = new Uint8Array(), weights = new Uint8Array()]) {
    return importTfjsGraphModel(
      'blazeface',
      json,
      weights,
      blazeface.outputs.map((output) => output.name),
    );
  },
};
