import { randomUUID } from 'node:crypto';
import type { Trigger } from '../../src/task/task.js';

/** Somebody put the label on an issue: for tests that need a run of it, and not what was said. */
export function labelTrigger(issueNumber: number, deliveryId: string = randomUUID()): Trigger {
  return {
    kind: 'label',
    label: 'backend',
    deliveryId,
    repository: {
      id: 1,
      owner: 'acme',
      name: 'shop',
      defaultBranch: 'main',
      private: false,
      installationId: 2,
    },
    issue: {
      number: issueNumber,
      title: 't',
      body: '',
      author: 'ann',
      url: `https://github.example/acme/shop/issues/${issueNumber}`,
    },
    sender: { login: 'ann', id: 3, type: 'User' },
    at: '2026-01-01T00:00:00Z',
    refusalReason: null,
    onPullRequest: false,
    resume: null,
  };
}
