import { expect, test } from '@jest/globals';
import { agentOfLabel } from '../../src/task/agent-of-label.js';

test('a label is known without regard to case, and names of JavaScript’s own are nobody’s', () => {
  const labels = { Backend: 'backend-developer' };
  expect(agentOfLabel(labels, 'backend')).toBe('backend-developer');
  expect(agentOfLabel(labels, 'frontend')).toBeNull();
  expect(agentOfLabel(labels, 'constructor')).toBeNull();
});
