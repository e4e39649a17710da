import { expect, test } from '@jest/globals';
import { explainFailure } from '../../src/sandbox/explain-failure.js';

test.each([
  ['bwrap: setting up uid map: Permission denied', /AppArmor profile/],
  [
    'bwrap: No permissions to create new namespace, likely because the kernel does not allow it',
    /AppArmor profile/,
  ],
  ['bwrap: Can’t bind mount: Permission denied', /chmod o\+x/],
  ['prlimit: failed to execute bwrap: No such file or directory', /apt-get install bubblewrap/],
  ['Error: x: image not known', /pulled or built on this machine/],
  ['Error: OCI runtime error: crun: setns', /the container engine refused/],
])('the explanation of "%s" names the remedy and quotes the message', (output, remedy) => {
  expect(explainFailure(output)).toMatch(remedy);
  expect(explainFailure(output)).toContain(`(${output})`);
});

test('an unknown failure is quoted', () => {
  expect(explainFailure('surprise\n')).toBe('a command in the sandbox failed: surprise');
  expect(explainFailure(' \n')).toBe('a command in the sandbox failed: it printed nothing');
});
