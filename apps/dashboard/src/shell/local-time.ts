/** A time as `<input type="datetime-local">` takes it: local, to the second. Empty for none. */
export function toLocalInput(instant: string | null | undefined): string {
  if (instant == null) return '';
  const at = new Date(instant);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

/** The instant that somebody typed in local time; undefined for nothing or no date. */
export function fromLocalInput(text: string): string | undefined {
  const at = new Date(text);
  return text === '' || Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}
