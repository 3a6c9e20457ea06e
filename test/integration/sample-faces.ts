import { readFileSync } from 'node:fs';
import { cropJpeg, decodeImage } from '@latchkey/vision';
import type { TestFile } from './api-client.ts';
import { samplePath } from './vision-samples.ts';

/** Where single faces are in face-api's sample photographs: sample, and box in pixels of it. */
const faces = {
  first: { sample: 1, x: 1487, y: 258, width: 169, height: 169 },
  second: { sample: 4, x: 1279, y: 204, width: 177, height: 177 },
  third: { sample: 6, x: 1470, y: 312, width: 245, height: 245 },
  fourth: { sample: 5, x: 347, y: 928, width: 243, height: 243 },
} as const;

/** Name of a face that {@link sampleFace} gives; each is of another person. */
export type SampleFace = keyof typeof faces;

/** A JPEG with one face in it. Another margin makes another picture of the same face. */
export async function sampleFace(face: SampleFace, margin = 0.5): Promise<TestFile> {
  const { sample, ...box } = faces[face];
  const image = await decodeImage(readFileSync(samplePath(sample)));
  const jpeg = await cropJpeg(image, box, { margin, maxSidePx: 480, maxBytes: 300_000 });
  return { name: `${face}.jpg`, bytes: new Uint8Array(jpeg) };
}

/** A whole sample photograph, with several faces. */
export function samplePhoto(sample: number): TestFile {
  return { name: `sample${sample}.jpg`, bytes: new Uint8Array(readFileSync(samplePath(sample))) };
}
