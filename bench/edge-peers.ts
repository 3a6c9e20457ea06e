import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCliConfig } from '@latchkey/config';
import type { TemporaryFolder } from '@latchkey/testing';
import { z } from 'zod';
import type { Actor } from './edge-cast.ts';
import type { Film } from './edge-film.ts';
import type { PeerCommand } from './line-peer.ts';
import { faceApiModules, installFaceRecognition } from './pipeline-peers.ts';

/** What a peer made of a film. */
export interface PeerRun {
  readonly name: string;
  readonly framesPerSecond: number;
  /** Share of people whom most frames that show them told as who they are, 0 … 1. */
  readonly rightNames: number;
}

/** A film and the known faces as files, as both peers take them. */
interface FilmFiles {
  readonly folder: string;
  readonly film: Film;
}

/** What both programs print: how many frames they did in how many seconds, and per frame its number and the names said. */
const peerOutput = z.object({
  frames: z.number(),
  seconds: z.number(),
  said: z.array(z.tuple([z.number(), z.array(z.string())])),
});

const stranger = 'unknown';

/**
 * The loop that face_recognition's documentation shows for a webcam, and that the seed's script is: find and encode all faces of
 * a frame, name each by the nearest known one within 0.6. It takes the frame that a camera would show at that moment.
 */
const faceRecognition = `
import sys, json, time, warnings
warnings.filterwarnings('ignore')
import numpy as np
import face_recognition
folder, fps, count = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
known = json.load(open(folder + '/known.json'))
names = list(known)
encodings = [face_recognition.face_encodings(face_recognition.load_image_file(known[name]))[0] for name in names]
picture = lambda i: face_recognition.load_image_file('%s/%05d.jpg' % (folder, i))
face_recognition.face_encodings(picture(0))
said, started = [], time.perf_counter()
while True:
    i = int((time.perf_counter() - started) * fps)
    if i >= count:
        break
    frame = picture(i)
    told = []
    for encoding in face_recognition.face_encodings(frame, face_recognition.face_locations(frame)):
        distances = face_recognition.face_distance(encodings, encoding)
        best = int(np.argmin(distances))
        told.append(names[best] if distances[best] <= 0.6 else '${stranger}')
    said.append([i, told])
print(json.dumps({'frames': len(said), 'seconds': time.perf_counter() - started, 'said': said}))
`;

/** The same with face-api's fastest detector and its own matcher at 0.6, as its documentation shows it for Node. */
const faceApi = `
const tf = require('@tensorflow/tfjs-node');
const faceapi = require(process.argv[1]);
const { readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
(async () => {
  const [, , folder, fps, count] = process.argv;
  const models = join(dirname(process.argv[1]), '..', 'model');
  await faceapi.nets.tinyFaceDetector.loadFromDisk(models);
  await faceapi.nets.faceLandmark68Net.loadFromDisk(models);
  await faceapi.nets.faceRecognitionNet.loadFromDisk(models);
  const options = new faceapi.TinyFaceDetectorOptions({ inputSize: 416 });
  const look = async (path) => {
    const image = tf.node.decodeJpeg(readFileSync(path), 3);
    try {
      return await faceapi.detectAllFaces(image, options).withFaceLandmarks().withFaceDescriptors();
    } finally {
      image.dispose();
    }
  };
  const known = [];
  for (const [name, path] of Object.entries(JSON.parse(readFileSync(join(folder, 'known.json'), 'utf8')))) {
    const [face] = await look(path);
    if (face) known.push(new faceapi.LabeledFaceDescriptors(name, [face.descriptor]));
  }
  const matcher = new faceapi.FaceMatcher(known, 0.6);
  const picture = (i) => join(folder, String(i).padStart(5, '0') + '.jpg');
  await look(picture(0));
  const said = [];
  const started = performance.now();
  for (;;) {
    const i = Math.floor(((performance.now() - started) / 1000) * Number(fps));
    if (i >= Number(count)) break;
    said.push([i, (await look(picture(i))).map((face) => matcher.findBestMatch(face.descriptor).label)]);
  }
  console.log(JSON.stringify({ frames: said.length, seconds: (performance.now() - started) / 1000, said }));
  process.exit(0);
})().catch((error) => { console.error(error.message); process.exit(1); });
`;

/**
 * Shows a film of one person after another to face_recognition and to face-api, each for as long as it lasts.
 * @param peersDir where face_recognition is installed, unless it is there.
 */
export async function runPeers(
  film: Film,
  actors: readonly Actor[],
  folder: TemporaryFolder,
  peersDir: string,
): Promise<readonly PeerRun[]> {
  const files = writeFilm(film, actors, folder.file('film'));
  const runs: PeerRun[] = [];
  for (const [name, command] of [
    ['face_recognition', await pythonOn(files, peersDir)],
    ['face-api', nodeOn(files)],
  ] as const) {
    const run = 'problem' in command ? command.problem : await runPeer(name, command, film).catch(messageOf);
    if (typeof run === 'string') console.error(`skipped: ${name}: ${run}`);
    else runs.push(run);
  }
  return runs;
}

function writeFilm(film: Film, actors: readonly Actor[], folder: string): FilmFiles {
  mkdirSync(folder);
  for (const [i, { jpeg }] of film.frames.entries()) {
    writeFileSync(join(folder, `${String(i).padStart(5, '0')}.jpg`), jpeg);
  }
  const known = actors.filter(({ isKnown }) => isKnown).map(({ name, enrolledBy }) => [name, enrolledBy]);
  writeFileSync(join(folder, 'known.json'), JSON.stringify(Object.fromEntries(known)));
  return { folder, film };
}

function argumentsOf({ folder, film }: FilmFiles): string[] {
  return [folder, String(film.framesPerSecond), String(film.frames.length)];
}

async function pythonOn(files: FilmFiles, peersDir: string): Promise<PeerCommand | { readonly problem: string }> {
  const problem = await installFaceRecognition(peersDir);
  if (problem !== null) return { problem };
  return { command: 'python3', args: ['-c', faceRecognition, ...argumentsOf(files)], env: { PYTHONPATH: peersDir } };
}

function nodeOn(files: FilmFiles): PeerCommand | { readonly problem: string } {
  const found = faceApiModules(readCliConfig().engineDir);
  if ('problem' in found) return found;
  return {
    command: process.execPath,
    args: ['--eval', faceApi, found.script, ...argumentsOf(files)],
    env: { NODE_PATH: found.modules, TF_CPP_MIN_LOG_LEVEL: '3' },
  };
}

async function runPeer(name: string, { command, args, env }: PeerCommand, film: Film): Promise<PeerRun> {
  const text = await outputOf(command, args, env ?? {});
  const { frames, seconds, said } = peerOutput.parse(JSON.parse(text.trim().split('\n').at(-1) ?? ''));
  return { name, framesPerSecond: frames / seconds, rightNames: rightNames(film, new Map(said)) };
}

/** Counts every turn of an actor once, by the name that most of its frames were given. */
function rightNames(film: Film, said: ReadonlyMap<number, readonly string[]>): number {
  const turns = new Map<Actor, Map<string, number>>();
  for (const [i, { actors }] of film.frames.entries()) {
    const [actor] = actors;
    if (!actor) continue;
    const votes = turns.get(actor) ?? new Map<string, number>();
    turns.set(actor, votes);
    for (const name of said.get(i) ?? []) votes.set(name, (votes.get(name) ?? 0) + 1);
  }
  const right = [...turns].filter(([{ name, isKnown }, votes]) => {
    const [most] = [...votes].sort(([, a], [, b]) => b - a);
    return most?.[0] === (isKnown ? name : stranger);
  });
  return right.length / turns.size;
}

function outputOf(command: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let [output, errors] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(errors.trim().split('\n').at(-1) || `exit code ${code}`));
    });
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
