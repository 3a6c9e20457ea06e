/** How sure it is that a face is a living one before the camera, not a picture of one. */
export interface Liveness {
  /** 0 (surely a picture) … 1 (surely alive). */
  readonly score: number;
}
