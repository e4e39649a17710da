import path from 'node:path';
import { expect, test } from '@jest/globals';
import { makeSandboxFolder } from '../../src/sandbox/sandbox.js';
import { openTestSandboxes } from '../support/open-test-sandboxes.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

test('the host name of the sandbox resolves to its own loopback', async () => {
  const folder = await createTemporaryFolder();
  const sandboxes = await openTestSandboxes(folder.path);
  const tree = path.join(folder.path, 'tree');
  await makeSandboxFolder(tree, sandboxes.uid);
  const sandbox = sandboxes.open([{ from: tree, to: '/workspace', writable: true }]);
  const program = `
const { lookup } = require('node:dns').promises;
lookup(require('node:os').hostname(), { all: true }).then((found) => console.log(found.map(({ address }) => address).join()))`;
  const { output } = await sandbox.execute({
    script:
      'node -e "$1"; /usr/bin/python3 -c "import socket; print(socket.gethostbyname(socket.gethostname()))"',
    args: [program],
    timeoutMs: 20_000,
  });
  await sandbox.dispose();
  await folder.remove();
  expect(output).toMatch(/127\.0\.0\.1.*\n127\.0\.0\.1\n$/);
});
