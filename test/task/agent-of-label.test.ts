import { expect, test } from '@jest/globals';
import { agentOfLabel } from '../../src/task/agent-of-label.js';

test('the agent of a label is found regardless of case, and not through names that every JavaScript object has', () => {
  const labels = { Backend: 'backend-developer' };
  expect(agentOfLabel(labels, 'backend')).toBe('backend-developer');
  expect(agentOfLabel(labels, 'frontend')).toBeNull();
  expect(agentOfLabel(labels, 'constructor')).toBeNull();
});
