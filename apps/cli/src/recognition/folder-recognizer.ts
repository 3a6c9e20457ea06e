import {
  assertEnrollable,
  distance,
  type Encoding,
  isLatchkeyError,
  judgeNearest,
  LatchkeyError,
  matchRuleOf,
  seedMaxDistance,
  seedVerify,
} from '@latchkey/domain';
import { decodeImage, type FaceAnalyzer, type FaceObservation, singleFace } from '@latchkey/vision';
import type { Output } from '../output.ts';
import type { GalleryFolder } from './gallery-folder.ts';
import { readImageFile } from './image-file.ts';
import type { EnrolledImage, PolicyName, Recognizer, Verdict } from './recognizer.ts';

/** What a {@link FolderRecognizer} needs. */
export interface FolderRecognizerOptions {
  readonly gallery: GalleryFolder;
  readonly analyzer: FaceAnalyzer;
  readonly policy: PolicyName;
  /** Take the largest of several faces. */
  readonly largest: boolean;
  readonly output: Output;
}

interface Known {
  readonly identity: string;
  readonly encoding: Encoding;
}

/** Recognises by the pictures of a folder, which it encodes anew each time. */
export class FolderRecognizer implements Recognizer {
  readonly #options: FolderRecognizerOptions;

  constructor(options: FolderRecognizerOptions) {
    this.#options = options;
  }

  async verify(file: string, identity: string): Promise<Verdict> {
    const { policy, analyzer } = this.#options;
    const face = await this.#faceOf(file);
    const distances = nearestByIdentity(face, await this.#known());
    const own = distances.get(identity);
    if (own === undefined) {
      const names = [...distances.keys()].sort().join(', ') || 'nobody';
      throw new LatchkeyError('not-found', `"${identity}" is not in the gallery; there is ${names}.`);
    }
    distances.delete(identity);
    const margin = distances.size > 0 ? Math.min(...distances.values()) - own : null;
    const { maxDistance, minMargin } = analyzer.model;
    const granted =
      policy === 'seed' ? seedVerify(own) : own <= maxDistance && (margin === null || margin >= minMargin);
    return {
      granted,
      name: identity,
      distance: own,
      maxDistance: policy === 'seed' ? seedMaxDistance : maxDistance,
      margin,
    };
  }

  async recognize(file: string): Promise<Verdict> {
    const face = await this.#faceOf(file);
    const distances = [...nearestByIdentity(face, await this.#known())].sort(([, a], [, b]) => a - b);
    const [best, other] = distances;
    const rule = matchRuleOf(
      {
        policy: this.#options.policy,
        maxDistance: null,
        minMargin: null,
        votesNeeded: 1,
        votesWindow: 1,
        minQuality: 0,
      },
      this.#options.analyzer.model,
    );
    const nearest = best ? { personId: best[0], distance: best[1], margin: other ? other[1] - best[1] : null } : null;
    const match = judgeNearest(nearest, rule);
    return {
      granted: match.personId !== null,
      name: match.personId,
      distance: match.distance,
      maxDistance: rule.maxDistance,
      margin: match.margin,
    };
  }

  async enroll(identity: string, files: readonly string[]): Promise<readonly EnrolledImage[]> {
    return this.#options.output.each('Enrolling', files, async (file) => {
      try {
        const { quality } = await this.#faceOf(file);
        assertEnrollable(quality, file);
        await this.#options.gallery.add(identity, file);
        return { file, accepted: true };
      } catch (error) {
        if (!isLatchkeyError(error)) throw error;
        return { file, accepted: false, code: error.code, message: error.message };
      }
    });
  }

  async close(): Promise<void> {
    await this.#options.analyzer.dispose();
  }

  async #faceOf(file: string): Promise<FaceObservation> {
    const { analyzer, largest } = this.#options;
    const image = await decodeImage(await readImageFile(file)).catch((error: unknown) => {
      throw named(file, error);
    });
    return singleFace(await analyzer.analyze(image), { source: file, largest });
  }

  /** The gallery's faces. A picture of it that shows no face, or several, is left out with a note. */
  async #known(): Promise<readonly Known[]> {
    const { gallery, output } = this.#options;
    const known = await output.each('Reading the gallery', await gallery.images(), async ({ identity, path }) => {
      try {
        return [{ identity, encoding: (await this.#faceOf(path)).encoding }];
      } catch (error) {
        if (!isLatchkeyError(error)) throw error;
        output.note(`left out: ${error.message}`);
        return [];
      }
    });
    return known.flat();
  }
}

function nearestByIdentity(face: FaceObservation, known: readonly Known[]): Map<string, number> {
  const nearest = new Map<string, number>();
  for (const { identity, encoding } of known) {
    const now = distance(face.encoding, encoding);
    nearest.set(identity, Math.min(now, nearest.get(identity) ?? Number.POSITIVE_INFINITY));
  }
  return nearest;
}

/** The error of a picture with the file's name in front, which the decoder does not know. */
export function named(file: string, error: unknown): unknown {
  if (!isLatchkeyError(error) || error.message.includes(file)) return error;
  return new LatchkeyError(error.code, `${file}: ${error.message}`, { cause: error, details: error.details });
}
