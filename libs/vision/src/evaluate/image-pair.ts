/** Two pictures to be compared. */
export interface ImagePair {
  /** Paths as the file names them, relative to the folder of pictures. */
  readonly imageA: string;
  readonly imageB: string;
  readonly same: boolean;
  readonly fold: number;
  /** Where it stands in the file, from 1. */
  readonly line: number;
}

/** A pair whose fold the file may leave open. */
export interface ReadPair extends Omit<ImagePair, 'fold'> {
  readonly fold: number | null;
}

/** What is wrong with a line, and what is expected there. */
export interface BadLine {
  readonly line: number;
  readonly problem: string;
}

/** Pairs of a file and its lines that are none. */
export interface ReadPairs {
  readonly pairs: readonly ReadPair[];
  readonly badLines: readonly BadLine[];
}
