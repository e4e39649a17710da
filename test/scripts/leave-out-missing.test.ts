import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { leaveOutMissing } from '../../scripts/leave-out-missing.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

test('files that a snapshot lacks are left out of the commit', async () => {
  const folder = await createTemporaryFolder();
  try {
    const git = (...words: string[]) =>
      execFileSync('git', ['-C', folder.path, '-c', 'user.name=Ada', '-c', 'user.email=ada@x.test', ...words])
        .toString()
        .trim();
    git('init', '--quiet');
    writeFileSync(path.join(folder.path, 'small.js'), 'small');
    writeFileSync(path.join(folder.path, 'large file.bin'), 'large');
    git('add', '.');
    git('commit', '--quiet', '-m', 'All files');
    const whole = git('rev-parse', 'HEAD');
    const gitDir = path.join(folder.path, '.git');
    expect(await leaveOutMissing(gitDir, whole)).toEqual({ commit: whole, files: [] });
    const blob = git('rev-parse', 'HEAD:large file.bin');
    rmSync(path.join(gitDir, 'objects', blob.slice(0, 2), blob.slice(2)));
    const { commit, files } = await leaveOutMissing(gitDir, whole);
    expect(files).toEqual(['large file.bin']);
    expect(git('ls-tree', '-r', '--name-only', commit)).toBe('small.js');
    expect(git('rev-parse', `${commit}^`)).toBe(whole);
  } finally {
    await folder.remove();
  }
});
