import { describe, expect, test } from '@jest/globals';
import { readOptions } from '../../evaluate/options.js';
import type { Result } from '../../evaluate/results.js';
import { runTasks } from '../../evaluate/run-tasks.js';
import type { Task } from '../../evaluate/task.js';

const tasks = ['one', 'two', 'three'].map((instance_id) => ({ instance_id, repo: 'acme/shop' }) as Task);

async function run(repeats: number, maxDollars: number | null) {
  const attempted: string[] = [];
  const saved: Result[] = [];
  const printed: string[] = [];
  const { isStopped, results } = await runTasks({
    ...{ tasks, repeats, maxDollars },
    attempt: async ({ instance_id, repo }, repeat) => {
      attempted.push(`${instance_id} ${repeat}`);
      return {
        ...{ instance_id, repo, repeat, player: 'sonnet', outcome: 'pull-request', detail: '', grade: null },
        ...{ dollars: 0.4, turns: 1, minutes: 1, promptTokens: 0, cachedTokens: 0 },
      };
    },
    save: async (result) => void saved.push(result),
    print: (line) => printed.push(line),
  });
  expect(saved).toEqual(results);
  return { attempted, printed, isStopped };
}

describe('runTasks', () => {
  test('attempts all tasks before it repeats one', async () => {
    const { attempted, isStopped } = await run(2, null);
    expect(attempted).toEqual(['one 1', 'two 1', 'three 1', 'one 2', 'two 2', 'three 2']);
    expect(isStopped).toBe(false);
  });

  test('starts no attempt once the money is spent', async () => {
    const { attempted, printed, isStopped } = await run(2, 1);
    expect(attempted).toEqual(['one 1', 'two 1', 'three 1']);
    expect(isStopped).toBe(true);
    expect(printed.at(-1)).toBe('stopped: $1.20 of $1 are spent; 3 attempts were not made');
  });
});

describe('readOptions', () => {
  const words = ['run', '--tasks', 'a.jsonl', '--repositories', 'mirrors', '--out', 'b.jsonl'];

  test('reads the options of a run', () => {
    expect(readOptions([...words, '--repeats', '3', '--max-dollars', '2.5', '--model', 'opus'])).toEqual({
      ...{ command: 'run', tasks: 'a.jsonl', repositories: 'mirrors', out: 'b.jsonl', repeats: 3 },
      ...{ maxDollars: 2.5, model: 'opus', replay: null, only: null },
    });
  });

  test('takes compare as a command and as an option', () => {
    const expected = { command: 'compare', a: 'a.jsonl', b: 'b.jsonl' };
    expect(readOptions(['compare', 'a.jsonl', 'b.jsonl'])).toEqual(expected);
    expect(readOptions(['--compare', 'a.jsonl', 'b.jsonl'])).toEqual(expected);
  });

  test('names the option that is wrong', () => {
    const faultOf = (...more: string[]) => {
      try {
        readOptions(more);
      } catch (error) {
        return (error as Error).message.split('\n')[0];
      }
      return null;
    };
    expect(faultOf(...words, '--repeats', '1.5')).toBe(
      '--repeats: expected a whole number above 0; found 1.5',
    );
    expect(faultOf(...words, '--max-dollars', '-1')).toMatch(/max-dollars/);
    expect(faultOf(...words, '--replay', 'best')).toBe('--replay: expected right, wrong, cheat; found best');
    expect(faultOf('run', '--tasks', 'a')).toBe('--repositories: expected a value; found none');
    expect(faultOf('guess')).toBe('expected run, report, compare, check or make; found guess');
    expect(faultOf('compare', 'a')).toBe('compare: expected two result files; found 1');
  });
});
