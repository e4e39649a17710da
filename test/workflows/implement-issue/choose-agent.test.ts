import { describe, expect, test } from '@jest/globals';
import type { Agent } from '../../../src/task/agent-file.js';
import type { Trigger } from '../../../src/task/task.js';
import { selectAgent } from '../../../src/workflows/implement-issue/choose-agent.js';

const agentOf = (name: string): Agent => ({
  name,
  description: `does ${name} things`,
  model: null,
  effort: null,
  color: null,
  tools: null,
  mcpServers: [],
  fromRepository: false,
  prompt: 'work',
  source: `${name}.md`,
});
const agents = [agentOf('backend-developer'), agentOf('painter')];
const labels = { backend: 'backend-developer', ui: 'painter' };
const label = (name: string) => ({ kind: 'label', label: name }) as Trigger;
const command = (agent: string | null) => ({ kind: 'command', agent }) as Trigger;

describe('selectAgent', () => {
  test('selects the agent that was requested by name, even if the settings name another one', () => {
    expect(selectAgent(command('painter'), agents, labels, 'backend-developer')).toMatchObject({
      agent: { name: 'painter' },
      reason: 'requested by name',
    });
  });

  test('selects the agent of the label, ignoring case', () => {
    expect(selectAgent(label('UI'), agents, labels, null)).toMatchObject({
      agent: { name: 'painter' },
      reason: 'chosen by the label UI',
    });
  });

  test('selects the agent of the settings when the request names none', () => {
    expect(selectAgent(command(null), agents, labels, 'painter')).toMatchObject({
      agent: { name: 'painter' },
    });
  });

  test('selects the only agent without giving a reason', () => {
    expect(selectAgent(command(null), agents.slice(0, 1), labels, null)).toMatchObject({
      agent: { name: 'backend-developer' },
      reason: '',
    });
  });

  test('leaves the choice to the descriptions when several agents would do, with the first label’s as the default', () => {
    expect(selectAgent(command(null), agents, labels, null)).toMatchObject({
      fallback: { name: 'backend-developer' },
    });
  });

  test('returns the name of an agent that does not exist', () => {
    expect(selectAgent(command('poet'), agents, labels, null)).toEqual({ unknown: 'poet' });
  });
});
