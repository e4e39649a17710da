import { describe, expect, test } from '@jest/globals';
import { createFindModel } from '../../../src/model/find-model.js';
import type { Effort } from '../../../src/runs/effort.js';
import type { Task, Trigger } from '../../../src/task/task.js';
import { taskLimits } from '../../../src/workflows/run/task-limits.js';

interface Wishes {
  command?: Effort;
  agent?: Effort;
  repository?: Effort;
  operator?: Effort;
  earlier?: Effort;
}

function effortOf(model: string, wishes: Wishes): Effort | null {
  const d = {
    config: {
      models: { default: 'sonnet', unpriced: 'refuse', effort: wishes.operator ?? null },
      budget: { dollars: 5, minutes: 60 },
    },
    agents: [],
    findModel: createFindModel(),
    now: () => new Date(),
  } as unknown as Parameters<typeof taskLimits>[0];
  const task = {
    agent: { name: 'a', source: 'a.md', model, effort: wishes.agent ?? null },
    settings: { timeouts: { run: 30 }, effort: wishes.repository ?? null },
  } as Pick<Task, 'agent' | 'settings'>;
  const trigger = { kind: 'command', effort: wishes.command ?? null } as Trigger;
  return taskLimits(d, trigger, task, wishes.earlier ?? null).effort;
}

describe('the effort of a task', () => {
  test('comes from the request, the earlier run, the agent, the repository, the operator, or the model', () => {
    const wishes: Wishes = { operator: 'low' };
    expect(effortOf('opus', {})).toBe('medium');
    expect(effortOf('opus', wishes)).toBe('low');
    wishes.repository = 'high';
    expect(effortOf('opus', wishes)).toBe('high');
    wishes.agent = 'xhigh';
    expect(effortOf('opus', wishes)).toBe('xhigh');
    wishes.earlier = 'medium';
    expect(effortOf('opus', wishes)).toBe('medium');
    wishes.command = 'max';
    expect(effortOf('opus', wishes)).toBe('max');
  });

  test('is not taken from an earlier run if the model no longer accepts it', () => {
    expect(effortOf('claude-sonnet-4-6', { earlier: 'xhigh', agent: 'high' })).toBe('high');
  });

  test.each([
    [{ command: 'xhigh', agent: 'high' }, "the command's `--effort`"],
    [{ agent: 'xhigh' }, '`effort` in a.md'],
    [{ repository: 'xhigh' }, '`effort` in .github/pullwright.yml'],
    [{ operator: 'xhigh' }, "the server's PULLWRIGHT_EFFORT"],
  ] as [Wishes, string][])('%j is refused if the model does not accept it', (wishes, where) => {
    expect(() => effortOf('claude-sonnet-4-6', wishes)).toThrow(
      expect.objectContaining({
        outcome: {
          kind: 'refusal',
          reason: {
            kind: 'invalid-effort',
            where,
            fault: 'expected one of low, medium, high, max for the model claude-sonnet-4-6; found "xhigh"',
          },
        },
      }),
    );
  });

  test('is null for a model without levels of effort, whatever the repository and the operator say', () => {
    expect(effortOf('claude-haiku-4-5', { repository: 'high', operator: 'max' })).toBeNull();
    expect(() => effortOf('claude-haiku-4-5', { command: 'high' })).toThrow('refusal');
  });
});
