import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { PeerCommand } from './line-peer.ts';

/** face_recognition as its documentation shows it: HOG detector, 68 landmarks, ResNet-34; frames are RGB in memory. */
const faceRecognition = `
import sys, warnings
warnings.filterwarnings('ignore')
import numpy as np
import face_recognition
from PIL import Image
frame = np.array(Image.open(sys.argv[1]).convert('RGB'))
def work():
    return face_recognition.face_encodings(frame, face_recognition.face_locations(frame))
faces = len(work())
print('ready', faces, flush=True)
for line in sys.stdin:
    work()
    print('done', flush=True)
`;

/** face-api as its documentation shows it for Node; the tiny detector is the fastest of its three. */
const faceApi = `
const tf = require('@tensorflow/tfjs-node');
const faceapi = require(process.argv[1]);
const { readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
(async () => {
  const [, , path, width, height] = process.argv;
  const pixels = new Int32Array(readFileSync(path));
  const folder = join(dirname(process.argv[1]), '..', 'model');
  await faceapi.nets.tinyFaceDetector.loadFromDisk(folder);
  await faceapi.nets.faceLandmark68Net.loadFromDisk(folder);
  await faceapi.nets.faceRecognitionNet.loadFromDisk(folder);
  const options = new faceapi.TinyFaceDetectorOptions({ inputSize: 416 });
  const work = async () => {
    const frame = tf.tensor3d(pixels, [Number(height), Number(width), 3], 'int32');
    try {
      return (await faceapi.detectAllFaces(frame, options).withFaceLandmarks().withFaceDescriptors()).length;
    } finally {
      frame.dispose();
    }
  };
  console.log('ready ' + (await work()));
  process.stdin.on('data', async () => { await work(); console.log('done'); });
  process.stdin.on('end', () => process.exit(0));
})().catch((error) => { console.error(error.message); process.exit(1); });
`;

/** Packages that face_recognition 1.3.0 needs; dlib-bin is dlib compiled, and pkg_resources left setuptools with 81. */
const pythonPackages = ['dlib-bin', 'face_recognition_models', 'numpy', 'Pillow', 'click', 'setuptools<81'];

/**
 * Installs face_recognition into a folder, unless it is there; Python finds it with the folder in `PYTHONPATH`.
 * @returns why it cannot be had, null when it is there.
 */
export async function installFaceRecognition(folder: string): Promise<string | null> {
  if (existsSync(join(folder, 'face_recognition'))) return null;
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', folder];
  // By its own metadata it wants dlib's source, which takes a compiler and minutes.
  return (
    (await run('python3', [...install, ...pythonPackages])) ??
    (await run('python3', [...install, '--no-deps', 'face_recognition==1.3.0']))
  );
}

/** How face_recognition is started on a PNG, or why it cannot be had. */
export async function facePython(folder: string, png: string): Promise<PeerCommand | { readonly problem: string }> {
  const problem = await installFaceRecognition(folder);
  if (problem !== null) return { problem };
  return { command: 'python3', args: ['-c', faceRecognition, png], env: { PYTHONPATH: folder } };
}

/**
 * Where face-api's script for Node is, and the modules with the TensorFlow that `latchkey engine install` linked.
 * @returns or why there are none.
 */
export function faceApiModules(
  engineDir: string,
): { readonly script: string; readonly modules: string } | { readonly problem: string } {
  const modules = join(engineDir, 'tensorflow', 'node_modules');
  if (!existsSync(join(modules, '@tensorflow', 'tfjs-node'))) {
    return { problem: `${modules} has no @tensorflow/tfjs-node; run "latchkey engine install tensorflow --from DIR"` };
  }
  const fromVision = createRequire(createRequire(import.meta.url).resolve('@latchkey/vision'));
  return { script: fromVision.resolve('@vladmandic/face-api/dist/face-api.node.js'), modules };
}

/** How face-api is started on raw RGB, or why it cannot. */
export function faceApiNode(
  engineDir: string,
  rgb: string,
  size: { readonly width: number; readonly height: number },
): PeerCommand | { readonly problem: string } {
  const found = faceApiModules(engineDir);
  if ('problem' in found) return found;
  return {
    command: process.execPath,
    args: ['--eval', faceApi, found.script, rgb, String(size.width), String(size.height)],
    env: { NODE_PATH: found.modules, TF_CPP_MIN_LOG_LEVEL: '3' },
  };
}

/** @returns the last line that a failing command wrote; null when it worked. */
function run(command: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code) =>
      resolve(code === 0 ? null : (errors.trim().split('\n').at(-1) ?? `exit code ${code}`)),
    );
  });
}
