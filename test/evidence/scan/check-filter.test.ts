import { expect, test } from '@jest/globals';
import { checkFilter } from '../../../src/evidence/scan/check-filter.js';
import type { Change } from '../../../src/workspace/workspace.js';

const oid = '2d6c72fe33411b6b66cf5fc671d56ac1c68e406c75fe4f9c12d71e09abad8b87';
const pointer = (id: string) => `version https://git-lfs.github.com/spec/v1\noid sha256:${id}\nsize 120000\n`;
const notebook = (cell: object) => JSON.stringify({ cells: [{ cell_type: 'code', ...cell }], nbformat: 4 });

async function check(filter: string, bytes: string): Promise<string[]> {
  const isOnBase = async (word: string) => word === oid;
  const found = await checkFilter({ path: 'a' } as Change, Buffer.from(bytes), filter, isOnBase);
  return found.map(({ severity, rule, path, says }) => `${severity} ${rule}: ${path} ${says}`);
}

test.each([
  ['lfs', pointer(oid)],
  ['lfs', pointer(oid).replace('oid', 'ext-0-x sha256:1\noid')],
  ['git-crypt', '\0GITCRYPT\0abc'],
  ['crypt', 'U2FsdGVkX1+abc'],
  ['nbstripout', notebook({ outputs: [], execution_count: null })],
  ['nbstripout', notebook({})],
  ['nbstripout', 'no notebook'],
])('%s takes a file that has its form: %j', async (filter, bytes) => {
  expect(await check(filter, bytes)).toEqual([]);
});

test.each([
  [
    'lfs',
    '\x89PNG',
    'must be stored with Git LFS, which is not available here. Leave it out, and say so in the summary',
  ],
  ['lfs', `${pointer(oid)}more`, expect.stringContaining('must be stored with Git LFS')],
  ['lfs', pointer('0'.repeat(64)), 'points at a file in Git LFS that the base commit does not have'],
  ['git-crypt', 'password', 'must be encrypted with git-crypt, whose key is not available here'],
  ['crypt', 'password', 'must be encrypted with transcrypt, whose key is not available here'],
  ['nbstripout', notebook({ outputs: [{}] }), expect.stringContaining('must have no outputs')],
  ['nbstripout', notebook({ execution_count: 3 }), expect.stringContaining('must have no outputs')],
  ['git-crypt-release', 'password', 'must be encrypted with git-crypt, whose key is not available here'],
])('%s blocks another file: %j', async (filter, bytes, says) => {
  expect(await check(filter, bytes)).toEqual([typeof says === 'string' ? `block filter: a ${says}` : says]);
});

test.each(['indent', 'constructor'])('a filter that is not known is marked: %s', async (filter) => {
  expect(await check(filter, 'x')).toEqual([
    `mark filter: a has the git filter "${filter}", which is not known here and did not run`,
  ]);
});
