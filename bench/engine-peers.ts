import { spawn } from 'node:child_process';
import { type Figure, figureOf } from './figure.ts';

/** A program of Python's that does what one of our networks does; prints the milliseconds of an image, median of runs. */
interface Peer {
  readonly id: string;
  readonly name: string;
  /** The figure of this run that it is compared with. */
  readonly ours: string;
  /** Our milliseconds over its: at most. */
  readonly goal: number;
  readonly program: string;
}

const timing = `
import statistics, time
def report(work):
    for _ in range(3): work()
    times = []
    end = time.perf_counter() + 4
    while time.perf_counter() < end:
        start = time.perf_counter(); work(); times.append((time.perf_counter() - start) * 1000)
    print(statistics.median(times))
`;

/** `nn4.small2`'s layers in Keras, of the seed's variant, with weights that are made up: they cost the same time. */
const keras = `${timing}
import os
os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
import numpy as np
from tensorflow.keras import layers as L, Model
def conv(x, n, k, s=1, p=0):
    if p: x = L.ZeroPadding2D(p)(x)
    return L.Activation('relu')(L.BatchNormalization()(L.Conv2D(n, k, strides=s)(x)))
def module(x, three, five, pool, one, s=1):
    out = []
    if three: out.append(conv(conv(x, three[0], 1), three[1], 3, s, 1))
    if five: out.append(conv(conv(x, five[0], 1), five[1], 5, s, 2))
    kind, n, pad = pool
    p = L.MaxPooling2D(3, 2)(x) if kind == 'max' else L.AveragePooling2D(3, 3)(x)
    if n: p = conv(p, n, 1)
    out.append(L.ZeroPadding2D(((pad[0], pad[2]), (pad[1], pad[3])))(p))
    if one: out.append(conv(x, one, 1))
    return L.Concatenate()(out)
i = L.Input((96, 96, 3))
x = conv(i, 64, 7, 2, 3)
x = L.MaxPooling2D(3, 2)(L.ZeroPadding2D(1)(x))
x = conv(conv(x, 64, 1), 192, 3, 1, 1)
x = L.MaxPooling2D(3, 2)(L.ZeroPadding2D(1)(x))
x = module(x, (96, 128), (16, 32), ('max', 32, (3, 3, 4, 4)), 64)
x = module(x, (96, 128), (32, 64), ('avg', 64, (4, 4, 4, 4)), 64)
x = module(x, (128, 256), (32, 64), ('max', 0, (0, 0, 1, 1)), 0, 2)
x = module(x, (96, 192), (32, 64), ('avg', 128, (2, 2, 2, 2)), 256)
x = module(x, (160, 256), (64, 128), ('max', 0, (0, 0, 1, 1)), 0, 2)
x = module(x, (96, 384), None, ('avg', 96, (1, 1, 1, 1)), 256)
x = module(x, (96, 384), None, ('max', 96, (1, 1, 1, 1)), 256)
x = L.Dense(128)(L.Flatten()(L.AveragePooling2D(3, 1)(x)))
model = Model(i, x)
image = np.random.rand(1, 96, 96, 3).astype('float32')
report(lambda: model.predict_on_batch(image))
`;

/** dlib's own ResNet-34 on one chip. */
const dlib = `${timing}
import numpy as np, dlib, face_recognition_models
net = dlib.face_recognition_model_v1(face_recognition_models.face_recognition_model_location())
chip = np.random.randint(0, 255, (150, 150, 3), dtype=np.uint8)
report(lambda: net.compute_face_descriptor(chip))
`;

const peers: readonly Peer[] = [
  {
    id: 'engines.of-keras.nn4-small2',
    name: 'Keras predict_on_batch in Python, ms',
    ours: 'engines.onnx.nn4-small2-seed.1',
    goal: 0.5,
    program: keras,
  },
  {
    id: 'engines.of-dlib.resnet34',
    name: 'dlib in Python, ms',
    ours: 'engines.onnx.dlib-resnet34.1',
    goal: 0.5,
    program: dlib,
  },
];

const timeoutMs = 60_000;

/** Our time over that of the same network in Python, where that can be imported; where not, it is said and left out. */
export async function measureEnginePeers(figures: readonly Figure[]): Promise<readonly Figure[]> {
  const compared: Figure[] = [];
  for (const { id, name, ours, goal, program } of peers) {
    const mine = figures.find((figure) => figure.id === ours)?.value ?? Number.NaN;
    const { ms, problem } = await runPython(program);
    if (ms === null) {
      console.error(`${id}: skipped, ${problem}`);
      continue;
    }
    const peer = { name, value: Number(ms.toPrecision(4)) };
    compared.push(figureOf({ id, value: mine / ms, unit: '×', goal, higherIsBetter: false, peer }));
  }
  return compared;
}

function runPython(program: string): Promise<{ readonly ms: number | null; readonly problem: string }> {
  return new Promise((resolve) => {
    const child = spawn('python3', ['-c', program], { stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs });
    let [output, errors] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.once('error', (error) => resolve({ ms: null, problem: error.message }));
    child.once('close', (code) => {
      const ms = Number(output.trim().split('\n').at(-1) || Number.NaN);
      if (code === 0 && Number.isFinite(ms)) resolve({ ms, problem: '' });
      else resolve({ ms: null, problem: errors.trim().split('\n').at(-1) ?? `exit code ${code}` });
    });
  });
}
