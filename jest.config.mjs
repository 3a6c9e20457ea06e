// A test's own `process.env` is a copy that native libraries do not see (libs/vision/src/engines/refuse-telemetry.ts).
process.env.ORT_DISABLE_TELEMETRY = '1';

/** One configuration for unit (`*.spec.ts` beside the source), integration and end-to-end tests (`test/**`). */
export default {
  testEnvironment: './test/host-realm-environment.cjs',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          target: 'es2023',
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  testEnvironmentOptions: { customExportConditions: ['development', 'node', 'node-addons'] },
  testMatch: ['<rootDir>/{libs,apps}/*/src/**/*.spec.ts', '<rootDir>/test/**/*.test.ts'],
  modulePathIgnorePatterns: ['/dist/', '<rootDir>/.latchkey'],
  testTimeout: 120_000,
  // Modules of suites that ended stay in a worker's heap; collecting a large one takes seconds.
  workerIdleMemoryLimit: '400MB',
};
