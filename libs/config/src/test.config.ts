import { z } from 'zod';
import { type Environment, readOptions } from './read-options.ts';

/** Options of the integration tests, by environment variable. */
export const testOptions = z.object({
  LATCHKEY_TEST_DATABASE_URL: z
    .url()
    .optional()
    .describe('Postgres for the tests, as a role that may make databases. Without it they run their own.'),
});

/** What integration tests run against. */
export interface TestConfig {
  /** Null: an embedded Postgres. */
  readonly databaseUrl: string | null;
}

/**
 * Configuration of the tests from an environment.
 * @throws LatchkeyError `config-invalid`.
 */
export function readTestConfig(environment: Environment = process.env): TestConfig {
  return { databaseUrl: readOptions(testOptions, environment).LATCHKEY_TEST_DATABASE_URL ?? null };
}
