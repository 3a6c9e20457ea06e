import { LatchkeyError } from '@latchkey/domain';
import type { z } from 'zod';

/** Environment variables as a process was given them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Parses the `LATCHKEY_*` variables of an environment by a schema. Empty variables count as absent.
 * @throws LatchkeyError `config-invalid` that names every variable that is wrong and what it should be.
 */
export function readOptions<S extends z.ZodType>(schema: S, environment: Environment): z.infer<S> {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new LatchkeyError('config-invalid', `The configuration is not valid. ${problems.join('; ')}.`, {
      details: { problems },
    });
  }
  return parsed.data;
}
