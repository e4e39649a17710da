import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { mountDisk } from '../../support/mount-disk.js';
import { minimalProject, runAndSubmit, solveMinimalProject } from '../../support/sample-projects.js';
import { runIssue } from '../../support/world/run-issue.js';
import { startWorld } from '../../support/world/start-world.js';

test('a run that fills the disk fails with a clear message, and the next run works', async () => {
  const disk = await mountDisk(24);
  if (!disk) {
    console.log('skipped: no file system can be mounted here (that takes root)');
    return;
  }
  try {
    await mkdir(`${disk.path}/home`);
    const world = await startWorld({ PULLWRIGHT_HOME: `${disk.path}/home` });
    try {
      const inTheTree = await runIssue(world, {
        files: minimalProject,
        turns: runAndSubmit('head -c 60M /dev/urandom > big; true'),
      });
      const duringSetUp = await runIssue(world, {
        files: {
          ...minimalProject,
          '.github/pullwright.yml': 'setup:\n  - head -c 14M /dev/urandom > big; true\n',
          '.gitignore': 'big\n',
        },
        turns: solveMinimalProject,
      });
      const inTheRepository = await runIssue(world, {
        files: { ...minimalProject, noise: noise(36) },
        turns: solveMinimalProject,
      });
      for (const { outcome, comment, pulls } of [inTheTree, duringSetUp, inTheRepository]) {
        expect(outcome).toMatchObject({
          kind: 'failed',
          reason: expect.stringMatching(/^The server's disk is full/),
        });
        expect(comment).toContain('disk is full');
        expect(pulls).toEqual([]);
      }
      const next = await runIssue(world, { files: minimalProject, turns: solveMinimalProject });
      expect(JSON.stringify(next.outcome)).toContain('"kind":"pull-request"');
    } finally {
      await world.stop();
    }
  } finally {
    await disk.remove();
  }
  // The search for credentials at the end takes long, because the repository is large.
}, 600_000);

/** Returns text that does not compress. */
function noise(megabytes: number): string {
  return randomBytes(megabytes * 1024 * 1024 * 0.75).toString('base64');
}
