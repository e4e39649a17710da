import { randomUUID } from 'node:crypto';
import type { Trigger } from '../../src/task/task.js';

/** A trigger by the label, for tests that need any run of an issue. */
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
