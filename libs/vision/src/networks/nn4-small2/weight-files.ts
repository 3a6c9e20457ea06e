import { type Nn4Layer, nn4Dense, nn4Inceptions, nn4Stem, plainLayer, reducedLayers } from './layers.ts';

/** One CSV file of an OpenFace weights folder, row-major. */
export interface CsvFile {
  /** File name without `.csv`. */
  readonly name: string;
  readonly shape: readonly number[];
  /** False for files that belong to the folder but are read by no layer. */
  readonly used: boolean;
}

function layerFiles({ conv, norm, shape }: Nn4Layer): CsvFile[] {
  const [channels] = shape;
  return [
    { name: `${conv}_w`, shape, used: true },
    { name: `${conv}_b`, shape: [channels], used: true },
    ...['w', 'b', 'm', 'v'].map((part) => ({ name: `${norm}_${part}`, shape: [channels], used: true })),
  ];
}

const layers: readonly Nn4Layer[] = [
  ...Object.values(nn4Stem),
  ...nn4Inceptions.flatMap((module) => [
    ...(reducedLayers(module, 'three') ?? []),
    ...(reducedLayers(module, 'five') ?? []),
    ...[plainLayer(module, 'pool'), plainLayer(module, 'one')].filter((layer) => layer !== null),
  ]),
];

/**
 * All 226 files. Two of them are a slip of those who exported the weights: they repeat `inception_5a_3x3_bn1_m` and `_v`
 * under the name of the convolution that follows. A folder without them is incomplete all the same.
 */
export const nn4CsvFiles: readonly CsvFile[] = [
  ...layers.flatMap(layerFiles),
  { name: `${nn4Dense.name}_w`, shape: nn4Dense.shape, used: true },
  { name: `${nn4Dense.name}_b`, shape: [nn4Dense.shape[0]], used: true },
  { name: 'inception_5a_3x3_conv2_m', shape: [96], used: false },
  { name: 'inception_5a_3x3_conv2_v', shape: [96], used: false },
];
