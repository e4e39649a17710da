import { expect, test } from '@jest/globals';
import { nameAsker } from '../../../src/workspace/set-up/name-asker.js';

const outputs: [string, string, string, string | null][] = [
  [
    'npm',
    `npm warn deprecated glob@7
npm error code 1
npm error path /workspace/node_modules/better-sqlite3
npm error command failed
npm error command sh -c prebuild-install || node-gyp rebuild --release
npm error gyp http GET https://nodejs.org/download/release/v20.20.2/node-v20.20.2-headers.tar.gz`,
    'nodejs.org:443',
    'better-sqlite3',
  ],
  [
    'npm with a nested package of a scope',
    `npm ERR! path /workspace/node_modules/a/node_modules/@prisma/engines
npm ERR! command sh -c node postinstall.js
npm ERR! Error: request to https://binaries.prisma.sh/all failed`,
    'binaries.prisma.sh:443',
    '@prisma/engines',
  ],
  [
    'pnpm',
    `.../node_modules/esbuild postinstall$ node install.js
.../node_modules/cypress postinstall$ node index.js --exec install
.../node_modules/cypress postinstall: URL: https://download.cypress.io/desktop/13`,
    'download.cypress.io:443 (it resolves to a private address)',
    'cypress',
  ],
  [
    'Yarn 1',
    `error /workspace/node_modules/sqlite3: Command failed.
Exit code: 1
Command: prebuild-install -r napi || node-gyp rebuild
Output:
prebuild-install http request GET https://cdn.example/sqlite3.tar.gz`,
    'cdn.example:443',
    'sqlite3',
  ],
  [
    'Yarn 4',
    `➤ YN0007: │ bcrypt@npm:5.1.1 must be built because it never has been before
➤ YN0000: │ bcrypt@npm:5.1.1 STDERR node-pre-gyp ERR! install https://cdn.example/bcrypt.tar.gz failed
➤ YN0009: │ bcrypt@npm:5.1.1 couldn't be built successfully (exit code 1, logs can be found here: /tmp/x)`,
    'cdn.example:443',
    'bcrypt',
  ],
  [
    'the only script that failed',
    'npm error path /workspace/node_modules/puppeteer\nnpm error ERROR: Failed to set up chrome',
    'storage.googleapis.com:443',
    'puppeteer',
  ],
  [
    'two scripts, neither of which names the host',
    `.../node_modules/a install$ x\n.../node_modules/b install$ y`,
    'cdn.example:443',
    null,
  ],
  [
    'a host that only begins like it',
    `.../node_modules/a install$ x\n.../node_modules/a install: cdn.example.org\n.../node_modules/b install$ cdn.example`,
    'cdn.example:443',
    'b',
  ],
  ['no package', 'curl: (56) CONNECT tunnel failed, response 403 for cdn.example', 'cdn.example:443', null],
];

test.each(outputs)('nameAsker reads the output of %s', (_, output, host, expected) => {
  expect(nameAsker(output, host)).toBe(expected);
});
