/** One tap of a window along one axis, and for which results it lies inside the picture. */
export interface WindowStep {
  /** Place within the window. */
  readonly tap: number;
  /** Result `i` reads the picture at `i * stride + shift`. */
  readonly shift: number;
  /** First result whose tap is inside. */
  readonly from: number;
  /** One past the last. */
  readonly to: number;
}

/** The taps of a window along one axis of a picture with zeros around it. */
export function windowSteps(
  input: number,
  output: number,
  window: number,
  stride: number,
  padding: number,
  dilation: number,
): readonly WindowStep[] {
  return Array.from({ length: window }, (_, tap) => {
    const shift = tap * dilation - padding;
    const from = Math.max(0, Math.ceil(-shift / stride));
    return { tap, shift, from, to: Math.max(from, Math.min(output, Math.floor((input - 1 - shift) / stride) + 1)) };
  });
}
