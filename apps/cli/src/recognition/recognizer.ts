/** How a face is judged: `door`, distance and margin of the model's card; `seed`, the seed project's 0.7. */
export type PolicyName = 'door' | 'seed';

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
}

/** What became of one picture of an enrolment. */
export interface EnrolledImage {
  readonly file: string;
  readonly accepted: boolean;
  /** Why it was not accepted. */
  readonly code?: string;
  readonly message?: string;
}

/** Knows people by their faces: a folder of pictures, or a central. */
export interface Recognizer {
  /** @throws LatchkeyError `not-found` when nobody of that name is enrolled, and what a bad picture gives. */
  verify(file: string, identity: string): Promise<Verdict>;
  /** @throws LatchkeyError what a bad picture gives. */
  recognize(file: string): Promise<Verdict>;
  /** One result a file, in order; a picture that is refused does not keep the others out. */
  enroll(identity: string, files: readonly string[]): Promise<readonly EnrolledImage[]>;
  /** Gives everything back. */
  close(): Promise<void>;
}
