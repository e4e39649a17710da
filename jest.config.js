/** Jest runs the TypeScript sources as ES modules; swc only strips the types. */
export default {
  testEnvironment: 'node',
  // A journey performs whole runs, with installs and tests. This limit only ends tests that hang.
  testTimeout: 300_000,
  // Journeys often wait: with three workers, two cores were idle for 17 % of the time.
  maxWorkers: 4,
  // Tests start many processes. Forking is slow in a worker that keeps much memory from earlier files.
  workerIdleMemoryLimit: '300MB',
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: {
    '^.+\\.tsx?$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript', tsx: true } } }],
  },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testMatch: ['<rootDir>/{test,local-github,scripted-model}/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/dist/', '<rootDir>/demo/'],
  modulePathIgnorePatterns: ['<rootDir>/demo/shop', '<rootDir>/dist'],
};
