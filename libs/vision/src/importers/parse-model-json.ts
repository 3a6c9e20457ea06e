import { LatchkeyError } from '@latchkey/domain';
import { z } from 'zod';

/**
 * Parses a model's JSON file with its schema.
 * @throws LatchkeyError `model-corrupt` when it is no JSON or has another form.
 */
export function parseModelJson<Schema extends z.ZodType>(
  source: string,
  bytes: Uint8Array,
  schema: Schema,
): z.infer<Schema> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new LatchkeyError('model-corrupt', `${source} is no JSON text; reinstall the package it came with.`, {
      cause,
    });
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    throw new LatchkeyError(
      'model-corrupt',
      `${source} does not have the form of a model file: ${z.prettifyError(parsed.error)}`,
      { cause: parsed.error },
    );
  }
  return parsed.data;
}
