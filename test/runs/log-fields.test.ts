import { expect, test } from '@jest/globals';
import { fieldsOf } from '../../src/runs/log-fields.js';
import type { Run } from '../../src/runs/run.js';
import type { Task } from '../../src/task/task.js';
import { labelTrigger } from '../support/label-trigger.js';

const trigger = labelTrigger(7);
const repository = `${trigger.repository.owner}/${trigger.repository.name}`;

test('a line about a run, a task or a trigger has the repository and the number of the issue', () => {
  expect(fieldsOf({ id: 'run-1', trigger, issueNumber: 7 } as Run)).toEqual({
    run: 'run-1',
    repository,
    issue: 7,
  });
  expect(fieldsOf({ runId: 'run-1', repository: trigger.repository, issue: trigger.issue } as Task)).toEqual({
    run: 'run-1',
    repository,
    issue: 7,
  });
  expect(fieldsOf(trigger)).toEqual({ delivery: trigger.deliveryId, repository, issue: 7 });
});

test.each([null, undefined, 'run-1', {}])('%j has no fields', (argument) => {
  expect(fieldsOf(argument)).toBeNull();
});
