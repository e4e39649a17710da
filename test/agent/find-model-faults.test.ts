import { expect, test } from '@jest/globals';
import { findModelFaults, type ModelSettings } from '../../src/agent/find-model-faults.js';
import { createFindModel } from '../../src/model/find-model.js';
import type { Effort } from '../../src/runs/effort.js';

const settings: ModelSettings = { default: 'sonnet', unpriced: 'refuse', effort: null };
const faultsOf = (
  agent: { model?: string; effort?: Effort } | null,
  more: Partial<ModelSettings> = {},
): string[] =>
  findModelFaults(
    createFindModel(),
    { ...settings, ...more },
    agent && { source: 'a.md', model: null, effort: null, ...agent },
    new Date(),
  );

test('an agent whose model has a price and accepts the effort has no fault', () => {
  expect(faultsOf({})).toEqual([]);
  expect(faultsOf({ model: 'opus[1m]', effort: 'max' })).toEqual([]);
  expect(faultsOf({ model: 'gpt-5' }, { unpriced: 'allow' })).toEqual([]);
});

test('a fault is reported where somebody wrote the value', () => {
  expect(faultsOf({ model: 'gpt-5' })[0]).toMatch(/^a\.md: model: expected .*; found "gpt-5"/);
  expect(faultsOf({}, { default: 'gpt-5' })[0]).toMatch(/^PULLWRIGHT_MODEL: expected .*; found "gpt-5"/);
  expect(faultsOf(null, { default: 'gpt-5' })[0]).toMatch(/^PULLWRIGHT_MODEL: /);
  expect(faultsOf({ model: 'claude-sonnet-4-6', effort: 'xhigh' })).toEqual([
    'a.md: effort: expected one of low, medium, high, max for the model claude-sonnet-4-6; found "xhigh"',
  ]);
  expect(faultsOf({ model: 'claude-opus-4-5' }, { effort: 'max' })).toEqual([
    'PULLWRIGHT_EFFORT: expected one of low, medium, high for the model claude-opus-4-5; found "max"',
  ]);
});

test("a model without levels of effort refuses the agent's effort and ignores the operator's", () => {
  expect(faultsOf({ model: 'claude-haiku-4-5', effort: 'low' })).toEqual([
    'a.md: effort: expected none, because no levels of effort are known for the model claude-haiku-4-5; found "low"',
  ]);
  expect(faultsOf({ model: 'claude-haiku-4-5' }, { effort: 'low' })).toEqual([]);
});
