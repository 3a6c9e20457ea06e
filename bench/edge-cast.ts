import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RgbImage } from '@latchkey/domain';
import { decodeImage, type FaceAnalyzer, singleFace } from '@latchkey/vision';
import sharp from 'sharp';

/** Somebody who plays in a film. */
export interface Actor {
  readonly personId: string;
  readonly name: string;
  /** Whether the door knows them. */
  readonly isKnown: boolean;
  /** The photograph that known actors are enrolled by; the one in films is another. */
  readonly enrolledBy: string;
  /** The head, {@link cutOutPx} wide and high. */
  readonly cutOut: RgbImage;
}

/** Side of the cut-out heads; the face in one is about half of it. */
export const cutOutPx = 200;

/** Pictures of LFW's development view, 250 × 250 with the person in the middle, beside the repository. */
const lfwImages = fileURLToPath(new URL('../../../shared/faces/lfw-dev/images/', import.meta.url));
const head = { left: 25, top: 25, width: 200, height: 200 } as const;

/**
 * Actors out of LFW's development view, the first ones in the order of the alphabet of whom there are two photographs; every
 * other one is known. Null where the pictures are not beside the repository.
 */
export async function castOf(count: number): Promise<readonly Actor[] | null> {
  if (!existsSync(lfwImages)) return null;
  const actors: Actor[] = [];
  for (const name of readdirSync(lfwImages).sort()) {
    const [enrolledBy, played] = readdirSync(join(lfwImages, name)).sort();
    if (enrolledBy === undefined || played === undefined) continue;
    const photograph = await sharp(join(lfwImages, name, played))
      .extract(head)
      .png()
      .toBuffer();
    actors.push({
      personId: randomUUID(),
      name,
      isKnown: actors.length % 2 === 0,
      enrolledBy: join(lfwImages, name, enrolledBy),
      cutOut: await decodeImage(photograph),
    });
    if (actors.length === count) return actors;
  }
  return null;
}

/** The encodings of those whom the door knows, by person. */
export async function encodingsOf(
  actors: readonly Actor[],
  analyzer: FaceAnalyzer,
): Promise<ReadonlyMap<Actor, Float32Array>> {
  const encodings = new Map<Actor, Float32Array>();
  for (const actor of actors.filter(({ isKnown }) => isKnown)) {
    const image = await decodeImage(await readFile(actor.enrolledBy));
    const face = singleFace(await analyzer.analyze(image), { source: actor.name, largest: true });
    encodings.set(actor, face.encoding.values);
  }
  return encodings;
}
