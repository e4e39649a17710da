import { expect, test } from '@jest/globals';
import { composeRequest } from '../../src/model/compose-request.js';
import { createFindModel } from '../../src/model/find-model.js';
import type { ModelRequest } from '../../src/model/model.js';

function compose(name: string, more: Partial<ModelRequest> = {}) {
  const { model, messages, system, tools, ...parameters } = composeRequest({
    model: createFindModel()(name),
    system: [],
    tools: [],
    conversation: [],
    ...more,
  });
  return parameters;
}

test('a reply may be as long as the model allows, unless the request limits it', () => {
  expect(compose('sonnet').max_tokens).toBe(128_000);
  expect(compose('claude-haiku-4-5').max_tokens).toBe(32_000);
  expect(compose('sonnet', { maxTokens: 0 }).max_tokens).toBe(0);
});

test('the effort is sent only to models that accept it', () => {
  expect(compose('sonnet', { effort: 'high' }).output_config).toEqual({ effort: 'high' });
  expect(compose('sonnet', { effort: null })).not.toHaveProperty('output_config');
  expect(compose('gpt-5', { effort: 'high' })).not.toHaveProperty('output_config');
});

test('thinking is turned off in the way that the model accepts', () => {
  expect(compose('haiku', { thinking: 'off' }).thinking).toEqual({ type: 'disabled' });
  expect(compose('sonnet', { thinking: 'off' }).thinking).toEqual({ type: 'between_tools' });
  expect(compose('opus', { thinking: 'off' })).not.toHaveProperty('thinking');
});
