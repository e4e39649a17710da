/** Jest runs the TypeScript sources as ES modules; swc only strips the types. */
export default {
  testEnvironment: 'node',
  // A journey is a whole run: install, tests, sandbox. What hangs still fails.
  testTimeout: 120_000,
  // A journey waits for a part of its time; three at once take no less.
  maxWorkers: 2,
  // What a test file starts, it starts by forking: that costs the more the more its worker remembers of the files before.
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
