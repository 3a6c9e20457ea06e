/**
 * Whether memory serves for a picture of `wanted` bytes: it is large enough, and no more than twice as large. One huge picture must not
 * hold its memory for all small ones after it.
 */
export function isFitting(presentBytes: number, wantedBytes: number): boolean {
  return wantedBytes <= presentBytes && presentBytes <= 2 * wantedBytes;
}
