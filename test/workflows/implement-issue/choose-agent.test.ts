import { describe, expect, test } from '@jest/globals';
import type { Agent } from '../../../src/task/agent-file.js';
import type { Trigger } from '../../../src/task/task.js';
import { chooseAgent } from '../../../src/workflows/implement-issue/choose-agent.js';

const agentOf = (name: string): Agent => ({
  name,
  description: `does ${name} things`,
  model: null,
  color: null,
  tools: null,
  prompt: 'work',
  source: `${name}.md`,
});
const agents = [agentOf('backend-developer'), agentOf('painter')];
const labels = { backend: 'backend-developer', ui: 'painter' };
const label = (name: string) => ({ kind: 'label', label: name }) as Trigger;
const command = (agent: string | null) => ({ kind: 'command', agent }) as Trigger;
const never = () => Promise.reject(new Error('nobody was to be asked'));

describe('chooseAgent', () => {
  test('takes the one that was asked for by name, whatever else says', async () => {
    const { agent } = await chooseAgent(command('painter'), agents, labels, 'backend-developer', never);
    expect(agent.name).toBe('painter');
  });

  test('takes the label’s, without regard to case, and says so', async () => {
    expect(await chooseAgent(label('UI'), agents, labels, null, never)).toMatchObject({
      agent: { name: 'painter' },
      reason: 'by the label UI',
    });
  });

  test('takes the settings’ where nobody says who', async () => {
    const { agent } = await chooseAgent(command(null), agents, labels, 'painter', never);
    expect(agent.name).toBe('painter');
  });

  test('takes the only one without asking anybody', async () => {
    const { agent, reason } = await chooseAgent(command(null), agents.slice(0, 1), labels, null, never);
    expect([agent.name, reason]).toEqual(['backend-developer', '']);
  });

  test('has the descriptions decide where several would do, and says so', async () => {
    const pick = async () => 'painter';
    expect(await chooseAgent(command(null), agents, labels, null, pick)).toMatchObject({
      agent: { name: 'painter' },
      reason: 'its description fits best',
    });
  });

  test('falls back to the usual one where nothing decides', async () => {
    const pick = async () => null;
    expect(await chooseAgent(command(null), agents, labels, null, pick)).toMatchObject({
      agent: { name: 'backend-developer' },
      reason: 'the usual one',
    });
  });

  test('names those that there are where one is not', async () => {
    await expect(chooseAgent(command('poet'), agents, labels, null, never)).rejects.toThrow(
      'there is no agent poet; there are `backend-developer`, `painter`',
    );
  });
});
