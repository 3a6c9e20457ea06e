import { LatchkeyError } from '@latchkey/domain';

/**
 * What a program's messages say about why it gives no frames.
 * @param end how it ended, in words; `ENOENT`: it is not installed.
 * @param secrets texts that must not appear in the message.
 */
export function programFailure(
  program: string,
  end: string | null,
  messages: string,
  secrets: readonly string[] = [],
): LatchkeyError {
  if (end === 'ENOENT' || end === 'exit code 127') {
    return new LatchkeyError('camera-program-missing', `${program} is not installed; see docs/cameras.md.`);
  }
  const [, element] = /no element "([^"]+)"/.exec(messages) ?? [];
  if (element !== undefined) {
    return new LatchkeyError(
      'camera-program-missing',
      `GStreamer has no element "${element}"; install the package that has it (docs/cameras.md).`,
    );
  }
  if (
    /missing a plug-in|No decoder available|Unknown (encoder|decoder|input format)|Protocol not found/i.test(messages)
  ) {
    const advice = 'install more of its plug-ins, or use the other program (docs/cameras.md)';
    return new LatchkeyError('camera-program-missing', `${program} cannot read this kind of picture: ${advice}.`);
  }
  if (/\b(401|403)\b|Unauthorized|Forbidden|Not authorized/i.test(messages)) {
    return new LatchkeyError('camera-unauthorized', 'The camera refuses the user or the password; check its address.');
  }
  return new LatchkeyError('camera-unavailable', `${reasonOf(messages, end)}${quote(messages, secrets)}`, {
    details: { program, end },
  });
}

function reasonOf(messages: string, end: string | null): string {
  if (/busy/i.test(messages)) return 'The device is used by another program.';
  if (/No such file|Cannot identify device|No such device|404|Not found/i.test(messages))
    return 'There is no such camera.';
  if (/Permission denied/i.test(messages)) return 'The camera may not be read; its user must be in the group "video".';
  if (/refused|Failed to connect|Could not connect|unreachable|timed? ?out|resolve/i.test(messages)) {
    return 'The camera cannot be reached.';
  }
  return end === null ? 'The camera ended its stream.' : `The camera gives no frames (${end}).`;
}

/** The first line that tells something, without secrets. */
function quote(messages: string, secrets: readonly string[]): string {
  const line = messages.split('\n').find((text) => text.trim() !== '' && !/^(WARNING|Additional debug)/.test(text));
  if (line === undefined) return '';
  let shown = line.trim().replace(/([a-z]+:\/\/)[^@\s/]*@/gi, '$1');
  // Shorter ones stand in half of all words; what is left of the words would tell them.
  for (const secret of secrets.filter(({ length }) => length >= 4)) {
    for (const written of [secret, encodeURIComponent(secret)]) shown = shown.replaceAll(written, '***');
  }
  return ` ${shown.slice(0, 300)}`;
}
