import { createInterface } from 'node:readline/promises';
import { LatchkeyError } from '@latchkey/domain';
import type { LicenceBook, ModelStatus } from '@latchkey/vision';
import type { Output } from '../output.ts';

/** How a licence is accepted. */
export interface LicenceOptions {
  readonly book: LicenceBook;
  readonly output: Output;
  /** `--accept-licence`. */
  readonly accepted: boolean;
  /** A terminal to ask at; null in a script. */
  readonly terminal: { readonly input: NodeJS.ReadStream; readonly output: NodeJS.WriteStream } | null;
  readonly signal?: AbortSignal;
}

/**
 * Shows a model's licence before it is used for the first time and has it accepted; once is enough.
 * @throws LatchkeyError `invalid-input` when it is not; the signal's reason.
 */
export async function acceptLicence(model: ModelStatus, options: LicenceOptions): Promise<void> {
  const { book, output, accepted, terminal, signal } = options;
  if (await book.isAccepted(model)) return;
  output.note(`${model.name} ${model.version} is licensed under ${model.licence}: ${model.licenceUrl}`);
  if (!accepted && !(terminal && (await agreed(terminal, signal)))) {
    throw new LatchkeyError(
      'invalid-input',
      `The licence of ${model.name} (${model.licence}, ${model.licenceUrl}) was not accepted; pass --accept-licence.`,
    );
  }
  await book.accept(model, new Date());
}

async function agreed(
  { input, output }: NonNullable<LicenceOptions['terminal']>,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const lines = createInterface({ input, output });
  // A terminal in this mode gives Ctrl-C as a key, not as a signal.
  lines.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    const answer = await lines.question('Accept it? [y/N] ', signal ? { signal } : {});
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    lines.close();
  }
}
