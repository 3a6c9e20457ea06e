/** What is judged of a face, after the components of ISO/IEC 29794-5; each is 0 (useless) … 100 (as good as it gets). */
export interface QualityComponents {
  /** Fine detail against the face's own contrast. */
  readonly sharpness: number;
  /** Neither dark nor bleached, with contrast. */
  readonly exposure: number;
  /** Looks into the camera. */
  readonly pose: number;
  /** Enough pixels, by the distance between the eyes. */
  readonly size: number;
  /** Eyes and mouth can be seen. */
  readonly occlusion: number;
  /** All of the face lies within the picture. */
  readonly framing: number;
}

/** Name of one of the {@link QualityComponents}. */
export type QualityComponent = keyof QualityComponents;

/** What the components were judged by. */
export interface QualityMeasures {
  /** Distance between the centres of the eyes in picture pixels. */
  readonly interEyePx: number;
  /** Turned about the neck, degrees; positive when the nose points to the picture's right. */
  readonly yawDegrees: number;
  /** Nodding, degrees; positive when looking up. */
  readonly pitchDegrees: number;
  /** Tilted in the picture, degrees; positive when clockwise. */
  readonly rollDegrees: number;
  /** Mean grey value of the face, 0 … 255. */
  readonly brightness: number;
}

/** Quality of one face. */
export interface FaceQuality {
  /** 0 … 100 for all components together; the worst counts most. */
  readonly score: number;
  readonly components: QualityComponents;
  readonly measures: QualityMeasures;
  /** What is wrong with it; empty for a good face. */
  readonly reasons: readonly QualityReason[];
}

/** Why a face is of less than good quality. The one list of these codes, with the words that people are shown. */
export const qualityReasonWords = {
  'too-small': 'the face is too small',
  blurred: 'the face is blurred',
  'too-dark': 'the face is too dark',
  'too-bright': 'the face is too bright',
  'low-contrast': 'the face has too little contrast',
  'turned-away': 'the face does not look into the camera',
  covered: 'the eyes or the mouth are covered',
  'cut-off': 'the face reaches over the edge of the picture',
} as const;

/** Code of one fault of a face. */
export type QualityReason = keyof typeof qualityReasonWords;

/** The reasons in words, as a part of a sentence; empty for none. */
export function wordsOfQuality(reasons: readonly QualityReason[]): string {
  return reasons.map((reason) => qualityReasonWords[reason]).join(', ');
}
