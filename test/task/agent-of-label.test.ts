import { expect, test } from '@jest/globals';
import { agentOfLabel } from '../../src/task/agent-of-label.js';

test('a label finds its agent regardless of case, and a property of every object finds none', () => {
  const labels = { Backend: 'backend-developer' };
  expect(agentOfLabel(labels, 'backend')).toBe('backend-developer');
  expect(agentOfLabel(labels, 'frontend')).toBeNull();
  expect(agentOfLabel(labels, 'constructor')).toBeNull();
});
