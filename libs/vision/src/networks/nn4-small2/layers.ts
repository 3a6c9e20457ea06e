/** Which arithmetic the weights are run with. */
export type Nn4Variant = 'openface' | 'seed';

/** A convolution with the batch norm that follows it, named as its CSV files are. */
export interface Nn4Layer {
  /** Prefix of `_w` and `_b`. */
  readonly conv: string;
  /** Prefix of `_w`, `_b`, `_m` and `_v`. */
  readonly norm: string;
  /** `[out, in, height, width]`. */
  readonly shape: readonly [number, number, number, number];
}

/** One inception module; branches that it does not have are null. */
export interface Inception {
  readonly name: string;
  readonly inputChannels: number;
  /** Stride of the 3 × 3 and 5 × 5 convolutions. */
  readonly stride: 1 | 2;
  readonly three: { readonly reduced: number; readonly channels: number };
  readonly five: { readonly reduced: number; readonly channels: number } | null;
  readonly pool: {
    /** `max` is 3 × 3 with stride 2; `variant` is 3 × 3 with stride 3, of the kind that the variant has there. */
    readonly kind: 'max' | 'variant';
    readonly channels: number | null;
    /** Zeros at top, left, bottom and right that bring the branch to the others' size. */
    readonly padding: readonly [number, number, number, number];
  };
  readonly one: number | null;
}

/** The layers before the first inception module. */
export const nn4Stem = {
  first: { conv: 'conv1', norm: 'bn1', shape: [64, 3, 7, 7] },
  second: { conv: 'conv2', norm: 'bn2', shape: [64, 64, 1, 1] },
  third: { conv: 'conv3', norm: 'bn3', shape: [192, 64, 3, 3] },
} as const satisfies Record<string, Nn4Layer>;

/** The modules in their order (CMU OpenFace, `models/openface/nn4.small2.def.lua`). */
export const nn4Inceptions: readonly Inception[] = [
  {
    name: 'inception_3a',
    inputChannels: 192,
    stride: 1,
    three: { reduced: 96, channels: 128 },
    five: { reduced: 16, channels: 32 },
    pool: { kind: 'max', channels: 32, padding: [3, 3, 4, 4] },
    one: 64,
  },
  {
    name: 'inception_3b',
    inputChannels: 256,
    stride: 1,
    three: { reduced: 96, channels: 128 },
    five: { reduced: 32, channels: 64 },
    pool: { kind: 'variant', channels: 64, padding: [4, 4, 4, 4] },
    one: 64,
  },
  {
    name: 'inception_3c',
    inputChannels: 320,
    stride: 2,
    three: { reduced: 128, channels: 256 },
    five: { reduced: 32, channels: 64 },
    pool: { kind: 'max', channels: null, padding: [0, 0, 1, 1] },
    one: null,
  },
  {
    name: 'inception_4a',
    inputChannels: 640,
    stride: 1,
    three: { reduced: 96, channels: 192 },
    five: { reduced: 32, channels: 64 },
    pool: { kind: 'variant', channels: 128, padding: [2, 2, 2, 2] },
    one: 256,
  },
  {
    name: 'inception_4e',
    inputChannels: 640,
    stride: 2,
    three: { reduced: 160, channels: 256 },
    five: { reduced: 64, channels: 128 },
    pool: { kind: 'max', channels: null, padding: [0, 0, 1, 1] },
    one: null,
  },
  {
    name: 'inception_5a',
    inputChannels: 1024,
    stride: 1,
    three: { reduced: 96, channels: 384 },
    five: null,
    pool: { kind: 'variant', channels: 96, padding: [1, 1, 1, 1] },
    one: 256,
  },
  {
    name: 'inception_5b',
    inputChannels: 736,
    stride: 1,
    three: { reduced: 96, channels: 384 },
    five: null,
    pool: { kind: 'max', channels: 96, padding: [1, 1, 1, 1] },
    one: 256,
  },
];

/** The dense layer after the modules: `[out, in]` as the CSV file has it. */
export const nn4Dense = { name: 'dense', shape: [128, 736] } as const;

/** The two layers of a branch that first reduces the channels with 1 × 1 filters. */
export function reducedLayers(module: Inception, branch: 'three' | 'five'): readonly [Nn4Layer, Nn4Layer] | null {
  const sizes = module[branch];
  if (!sizes) return null;
  const side = branch === 'three' ? 3 : 5;
  const prefix = `${module.name}_${side}x${side}`;
  return [
    { conv: `${prefix}_conv1`, norm: `${prefix}_bn1`, shape: [sizes.reduced, module.inputChannels, 1, 1] },
    { conv: `${prefix}_conv2`, norm: `${prefix}_bn2`, shape: [sizes.channels, sizes.reduced, side, side] },
  ];
}

/** The 1 × 1 layer behind the pool, or the one of the branch without a pool. */
export function plainLayer(module: Inception, branch: 'pool' | 'one'): Nn4Layer | null {
  const channels = branch === 'pool' ? module.pool.channels : module.one;
  if (channels === null) return null;
  const prefix = `${module.name}_${branch === 'pool' ? 'pool' : '1x1'}`;
  return { conv: `${prefix}_conv`, norm: `${prefix}_bn`, shape: [channels, module.inputChannels, 1, 1] };
}
