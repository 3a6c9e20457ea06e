import { isLatchkeyError } from '@latchkey/domain';
import { singleFace } from '@latchkey/vision';
import type { Output } from '../output.ts';
import type { EncodingStore } from './encoding-store.ts';
import { enrollPictures } from './enroll-pictures.ts';
import type { FaceReader, ReadFace } from './face-reader.ts';
import type { GalleryFolder } from './gallery-folder.ts';
import { decodeImageFile } from './image-file.ts';
import { candidatesOf, judgeClaim, judgeFace } from './judge-face.ts';
import { assertKnown, type KnownFaces, readKnownFaces } from './known-faces.ts';
import type {
  EnrolledImage,
  EnrollOptions,
  PolicyName,
  Recognition,
  RecognizeOptions,
  Recognizer,
  Verdict,
  Verification,
} from './recognizer.ts';

/** What a {@link FolderRecognizer} needs. */
export interface FolderRecognizerOptions {
  readonly gallery: GalleryFolder;
  /** Owned from now on. */
  readonly reader: FaceReader;
  readonly policy: PolicyName;
  /** Encodings of the gallery that earlier runs kept; null: none are used or kept. */
  readonly store: EncodingStore | null;
  /** Take the largest of several faces. */
  readonly largest: boolean;
  readonly output: Output;
}

/** Recognises by the pictures of a folder. */
export class FolderRecognizer implements Recognizer {
  readonly #options: FolderRecognizerOptions;

  constructor(options: FolderRecognizerOptions) {
    this.#options = options;
  }

  async verify(file: string, identity: string): Promise<Verification> {
    const { policy, reader } = this.#options;
    const faces = await this.#read(file);
    const face = this.#single(faces, file);
    const known = await this.#known();
    assertKnown(identity, known);
    return {
      verdict: judgeClaim(face, identity, candidatesOf(face, known.faces), policy, reader.model),
      others: faces.filter((other) => other !== face).map((other) => this.#judge(other, known, 1)),
      ...this.#basis(known),
    };
  }

  async recognize(file: string, { all, top }: RecognizeOptions): Promise<Recognition> {
    const faces = await this.#read(file);
    // Also with --all: a picture without a face is refused.
    const single = this.#single(faces, file, all);
    const known = await this.#known();
    return {
      faces: (all ? faces : [single]).map((face) => this.#judge(face, known, top)),
      ...this.#basis(known),
    };
  }

  async enroll(identity: string, files: readonly string[], options: EnrollOptions): Promise<readonly EnrolledImage[]> {
    return enrollPictures(identity, files, { ...this.#options, ...options, known: () => this.#knownIfAny() });
  }

  async close(): Promise<void> {
    await this.#options.reader.dispose();
  }

  async #read(file: string): Promise<readonly ReadFace[]> {
    return this.#options.reader.read(await decodeImageFile(file));
  }

  #single(faces: readonly ReadFace[], source: string, largest = false): ReadFace {
    return singleFace(faces, { source, largest: largest || this.#options.largest });
  }

  #known(): Promise<KnownFaces> {
    return readKnownFaces(this.#options.gallery, this.#options);
  }

  /** Nobody where there is no gallery yet: the first enrolment makes it. */
  async #knownIfAny(): Promise<KnownFaces> {
    return this.#known().catch((error: unknown) => {
      if (isLatchkeyError(error, 'missing-file')) return { faces: [], leftOut: [] };
      throw error;
    });
  }

  #judge(face: ReadFace, known: KnownFaces, top: number): Verdict {
    const { policy, reader } = this.#options;
    return judgeFace(face, candidatesOf(face, known.faces), policy, reader.model, top);
  }

  #basis({ leftOut }: KnownFaces) {
    return { modelId: this.#options.reader.model.id, leftOut };
  }
}
