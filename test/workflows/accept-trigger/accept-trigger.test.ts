import { describe, expect, test } from '@jest/globals';
import type { Run } from '../../../src/database/run-store.js';
import { RunEndedError } from '../../../src/runs/outcome.js';
import {
  type AcceptTriggerSteps,
  acceptTrigger,
} from '../../../src/workflows/accept-trigger/accept-trigger.js';
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

/** The story with steps that only write down that they were called. */
async function accept(steps: Partial<AcceptTriggerSteps>): Promise<string[]> {
  const done: string[] = [];
  const note = (name: string) => async (_: unknown, more?: string) => {
    done.push(more ? `${name}: ${more}` : name);
  };
  await acceptTrigger(trigger, {
    isRelevant: async () => true,
    findRefusal: async () => null,
    reserveRun: async () => ({ run }),
    passOn: async () => false,
    refuse: note('refuse'),
    react: note('react'),
    announce: note('announce'),
    admit: async () => {
      done.push('admit');
    },
    close: note('close'),
    abandon: note('abandon'),
    ...steps,
  });
  return done;
}

describe('a trigger', () => {
  test('is announced before it is queued', async () => {
    expect(await accept({})).toEqual(['react', 'announce', 'admit', 'close: run r']);
  });

  test('of a label that is nobody’s is closed without a word', async () => {
    expect(await accept({ isRelevant: async () => false })).toEqual(['close: not for us']);
  });

  test('that could not be looked at is refused with the reason, and its delivery is closed', async () => {
    const isRelevant = async () => {
      throw new RunEndedError({ kind: 'failed', reason: 'GitHub refused' });
    };
    expect(await accept({ isRelevant })).toEqual([
      'abandon: GitHub refused',
      'refuse: GitHub refused',
      'close: refused: GitHub refused',
    ]);
  });

  test('beside a run that goes on is passed on to it, or refused', async () => {
    const reserveRun = async () => ({ busyWith: 'other' });
    expect(await accept({ reserveRun, passOn: async () => true })).toEqual([
      'react',
      'close: told to run other',
    ]);
    const [refusal] = await accept({ reserveRun });
    expect(refusal).toMatch(/^refuse: a run for this issue is already going/);
  });

  test('of someone who may not is refused, and nothing is reserved', async () => {
    expect(await accept({ findRefusal: async () => 'no' })).toEqual(['refuse: no', 'close: refused: no']);
  });

  test('whose announcement is refused leaves no run in the way of later ones', async () => {
    const announce = async () => {
      throw new RunEndedError({ kind: 'failed', reason: 'GitHub refused' });
    };
    expect(await accept({ announce })).toEqual([
      'react',
      'abandon: GitHub refused',
      'refuse: GitHub refused',
      'close: refused: GitHub refused',
    ]);
  });
});
