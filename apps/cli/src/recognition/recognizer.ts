import type { Box, QualityReason } from '@latchkey/domain';
import type { LeftOut } from './known-faces.ts';

/** How a face is judged: `door`, distance and margin of the model's card; `seed`, the seed project's 0.7. */
export type PolicyName = 'door' | 'seed';

/** A known person and how far a face is from the nearest of their pictures. */
export interface Candidate {
  readonly name: string;
  readonly distance: number;
}

/** Who a face is, or whether it is the one who was claimed. */
export interface Verdict {
  readonly granted: boolean;
  /** The person; for `verify` the claimed one; null when it is nobody's face. */
  readonly name: string | null;
  /** To that person, or to the nearest one when it is nobody's; null in an empty gallery. */
  readonly distance: number | null;
  readonly maxDistance: number;
  /** How much nearer than anybody else; null when there is nobody else. */
  readonly margin: number | null;
  /** Where the face is in the picture, in its pixels; null when a central looked at the picture. */
  readonly box: Box | null;
  /** What makes the face a poor one to compare, the worst first; a central says nothing about it. */
  readonly faults: readonly QualityReason[];
  /** The nearest people, nearest first, as many as were asked for; a central names none. */
  readonly candidates: readonly Candidate[];
}

/** What an answer rests on. */
export interface Basis {
  /** Null when a central answers, which does not say. */
  readonly modelId: string | null;
  /** Pictures of the gallery that nobody is known by. */
  readonly leftOut: readonly LeftOut[];
}

/** Whether a picture shows the person who was claimed. */
export interface Verification extends Basis {
  readonly verdict: Verdict;
  /** The other faces of the picture, each judged for itself. */
  readonly others: readonly Verdict[];
}

/** Who is on a picture. */
export interface Recognition extends Basis {
  /** The largest face first; one alone unless all were asked for. */
  readonly faces: readonly Verdict[];
}

/** What is asked of {@link Recognizer.recognize}. */
export interface RecognizeOptions {
  /** Every face of the picture, not the one that it is expected to have. */
  readonly all: boolean;
  /** How many candidates are named for a face, ≥ 1. */
  readonly top: number;
}

/** What became of one picture of an enrolment. */
export interface EnrolledImage {
  readonly file: string;
  readonly accepted: boolean;
  /** Why it was not accepted. */
  readonly code?: string;
  readonly message?: string;
  /** What speaks against one that was accepted all the same. */
  readonly warnings?: readonly { readonly code: string; readonly message: string }[];
}

/** What is asked of {@link Recognizer.enroll}. */
export interface EnrollOptions {
  /** Also accept a face that is like another person's, or unlike the person's others. */
  readonly force: boolean;
}

/** Knows people by their faces: a folder of pictures, or a central. */
export interface Recognizer {
  /** @throws LatchkeyError `not-found` when nobody of that name is enrolled, and what a bad picture gives. */
  verify(file: string, identity: string): Promise<Verification>;
  /** @throws LatchkeyError what a bad picture gives. */
  recognize(file: string, options: RecognizeOptions): Promise<Recognition>;
  /** One result a file, in order; a picture that is refused does not keep the others out. */
  enroll(identity: string, files: readonly string[], options: EnrollOptions): Promise<readonly EnrolledImage[]>;
  /** Gives everything back. */
  close(): Promise<void>;
}
