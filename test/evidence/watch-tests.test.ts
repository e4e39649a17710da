import { expect, test } from '@jest/globals';
import { describeHeld } from '../../src/evidence/watch-tests.js';

const runner = 'process 12 /usr/bin/node /workspace/node_modules/.bin/mocha --timeout 100 ';

test.each([
  [
    'a server, whatever it is connected to',
    [runner, 'socket 12 0A 0100007F:0BB8 00000000:0000', 'socket 12 01 0100007F:A0F0 0100007F:1538'],
    'a server on port 3000 (node node_modules/.bin/mocha --timeout 100) keeps',
  ],
  [
    'the server of another process',
    [runner, 'process 13 node /workspace/server.js', 'socket 13 0A 00000000:1F90 00000000:0000'],
    'a server on port 8080 (node server.js) keeps',
  ],
  [
    'an open connection',
    [runner, 'socket 12 01 0100007F:A0F0 0100007F:1538', 'socket 12 01 0100007F:A0F2 0100007F:1538'],
    'an open connection to port 5432 keeps',
  ],
  [
    'other processes',
    [runner, 'process 13 sleep 1000', 'process 14 sleep 2000'],
    'the process "sleep 1000", the process "sleep 2000" keep',
  ],
  [
    'the test runner itself if nothing else is known',
    [runner],
    'something in "node node_modules/.bin/mocha --timeout 100", such as a timer keeps',
  ],
])('what keeps a command running is %s', (_, lines, expected) => {
  expect(describeHeld(`${lines.join('\n')}\n`)).toBe(
    `The tests finished, but the command did not exit: ${expected} it running.`,
  );
});
