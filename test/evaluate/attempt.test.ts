import path from 'node:path';
import { expect, test } from '@jest/globals';
import { attemptTask } from '../../evaluate/attempt/attempt.js';
import { composeReplay } from '../../evaluate/attempt/replay.js';
import { startEvaluation } from '../../evaluate/attempt/start-evaluation.js';
import { createGrader } from '../../evaluate/grade/grade.js';
import { createMeasureCommit } from '../../evaluate/grade/measure-commit.js';
import { readFix } from '../../evaluate/make/read-fix.js';
import { gradeAttempt } from '../../evaluate/run-evaluation.js';
import type { Task } from '../../evaluate/task.js';
import { openTestSandboxes } from '../support/open-test-sandboxes.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';
import { createTestDatabase } from '../support/test-database.js';
import { writeSampleFix } from './sample-fix.js';

test('the pushed branch of a whole run is graded, and the result says what the run used', async () => {
  const folder = await createTemporaryFolder();
  const database = await createTestDatabase();
  const sample = path.join(folder.path, 'sample');
  writeSampleFix(sample);
  const mirror = path.join(sample, '.git');
  const { base, patch, testPatch } = await readFix(mirror, 'main');
  const task: Task = {
    ...{ instance_id: 'greeter-1', repo: 'acme/greeter', base_commit: base, patch, test_patch: testPatch },
    ...{
      problem_statement: '# Greet by name\n\ngreet("Ada") should be "hello Ada".',
      setup: [],
      test: 'npm test',
    },
    ...{ FAIL_TO_PASS: ['test/greet.test.js › greets by name'], PASS_TO_PASS: [], checks: true },
  };
  const evaluation = await startEvaluation({
    environment: { EGRESS: 'none' },
    isScripted: true,
    model: 'haiku',
    databaseUrl: database.url,
  });
  try {
    const attempt = await attemptTask(evaluation, task, mirror, composeReplay(task, 'right'));
    const { github, scripted } = evaluation;
    expect(scripted?.requests[0]?.body.model).toMatch(/haiku/);
    expect(JSON.stringify(scripted?.requests)).not.toContain('greets by name');
    const measureCommit = createMeasureCommit({
      folder: folder.path,
      sandboxes: await openTestSandboxes(folder.path),
      egressOf: () => ({ allowed: null, notGranted: [] }),
    });
    const grader = createGrader(folder.path, measureCommit);
    const result = await gradeAttempt({ task, repeat: 1, attempt, mirror, replay: 'right', grader });
    expect(result).toMatchObject({
      ...{ instance_id: 'greeter-1', repo: 'acme/greeter', repeat: 1, player: 'right' },
      grade: { resolved: true, reset: [] },
    });
    expect(result.turns).toBeGreaterThan(1);
    expect(result.dollars).toBeGreaterThan(0);
    expect(result.cachedTokens).toBeLessThan(result.promptTokens);
    expect([...github.violations, ...(scripted?.violations ?? [])]).toEqual([]);
  } finally {
    await evaluation.close();
    await database.drop();
    await folder.remove();
  }
});
