import { LatchkeyError } from './errors.ts';

/** Faces below that are not enrolled: the encoder tells too little about them. Nearly all of lfw-dev is above 40. */
const minEnrolQuality = 25;
/** A face whose only fault is that it looks aside still tells the encoder who it is. */
const minTurnedQuality = 20;

/** How good a face is: 0 … 100, and what is wrong with it. */
export interface EnrolmentQuality {
  readonly score: number;
  readonly reasons: readonly string[];
}

/**
 * Refuses to make a person known by a face that is too bad.
 * @param source what the picture is called in the message.
 * @throws LatchkeyError `low-quality`.
 */
export function assertEnrollable({ score, reasons }: EnrolmentQuality, source: string): void {
  const onlyTurned = reasons.every((reason) => reason === 'turned-away');
  if (score >= (onlyTurned ? minTurnedQuality : minEnrolQuality)) return;
  throw new LatchkeyError(
    'low-quality',
    `The face in "${source}" is not good enough: ${reasons.join(', ')} (quality ${score} of 100). Use a sharp, well lit picture of a face that looks into the camera.`,
  );
}
