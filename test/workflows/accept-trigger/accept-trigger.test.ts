import { describe, expect, test } from '@jest/globals';
import { RunEndedError } from '../../../src/runs/outcome.js';
import type { RefusalReason } from '../../../src/runs/refusal-reason.js';
import type { Run } from '../../../src/runs/run.js';
import { acceptTrigger } from '../../../src/workflows/accept-trigger/accept-trigger.js';
import type { AcceptTriggerSteps } from '../../../src/workflows/accept-trigger/steps.js';
import { labelTrigger } from '../../support/label-trigger.js';

const trigger = labelTrigger(1, 'd');
const run: Run = {
  id: 'r',
  trigger,
  workflow: 'implement-issue',
  issueNumber: 1,
  status: 'queued',
  heldReason: null,
  outcome: null,
  createdAt: new Date(0),
  startedAt: null,
  settledAt: null,
};

/** Runs the workflow with steps that only record that they were called. */
async function accept(steps: Partial<AcceptTriggerSteps>): Promise<string[]> {
  const done: string[] = [];
  const note = (name: string) => async (_: unknown, more?: string | RefusalReason) => {
    const detail = typeof more === 'object' ? more.kind : more;
    done.push(detail ? `${name}: ${detail}` : name);
  };
  await acceptTrigger(trigger, {
    decide: async () => ({ kind: 'accept' }),
    reserveRun: async () => ({ run }),
    passOn: async () => false,
    refuse: note('refuse'),
    react: note('react'),
    announceRun: note('announce'),
    admitRun: note('admit'),
    recordResult: note('result'),
    abandonRun: note('abandon'),
    ...steps,
  });
  return done;
}

describe('acceptTrigger', () => {
  test('announces a run before it queues it', async () => {
    expect(await accept({})).toEqual(['react', 'announce', 'admit', 'result: run r']);
  });

  test('says nothing about a trigger that is not for us', async () => {
    expect(await accept({ decide: async () => ({ kind: 'ignore' }) })).toEqual(['result: ignored']);
  });

  test('refuses a trigger that cannot be decided, and records the reason', async () => {
    const decide = async () => {
      throw new RunEndedError({ kind: 'failed', reason: 'GitHub refused.' });
    };
    expect(await accept({ decide })).toEqual([
      'abandon: GitHub refused.',
      'refuse: undecided',
      'result: refused: GitHub refused.',
    ]);
  });

  test('passes instructions on to the run in progress, or refuses them', async () => {
    const reserveRun = async () => ({ busyWith: 'other' });
    expect(await accept({ reserveRun, passOn: async () => true })).toEqual([
      'react',
      'result: passed on to run other',
    ]);
    const [refusal] = await accept({ reserveRun });
    expect(refusal).toBe('refuse: run-in-progress');
  });

  test('reserves no run for a trigger that is refused', async () => {
    const decide = async () => ({
      kind: 'refuse' as const,
      reason: { kind: 'empty-issue' as const, unanswered: [] },
    });
    expect(await accept({ decide })).toEqual([
      'refuse: empty-issue',
      expect.stringMatching(/^result: refused: The issue has a title/),
    ]);
  });

  test('leaves no run behind when the run cannot be announced', async () => {
    const announceRun = async () => {
      throw new RunEndedError({ kind: 'failed', reason: 'GitHub refused.' });
    };
    expect(await accept({ announceRun })).toEqual([
      'react',
      'abandon: GitHub refused.',
      'refuse: undecided',
      'result: refused: GitHub refused.',
    ]);
  });
});
