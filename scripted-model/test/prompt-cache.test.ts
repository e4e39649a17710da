import { describe, expect, test } from '@jest/globals';
import type { Block, MessagesRequest } from '../messages-request.js';
import { findModel, type ModelSpec } from '../models.js';
import { type InputUsage, PromptCache } from '../prompt-cache.js';
import { countFixedTokens } from '../tokens.js';

const model = findModel('claude-sonnet-5-5') as ModelSpec;
const minute = 60_000;

/** Counts requests to one cache. `at` is the time in milliseconds. */
const createCounter = () => {
  const cache = new PromptCache();
  return (content: Block[], at = 0, more: Partial<MessagesRequest> = {}): InputUsage =>
    cache.count({ ...request(...content), ...more }, model, at);
};

const text = (length: number, marked = false): Block => ({
  type: 'text',
  text: 'x'.repeat(length),
  ...(marked && { cache_control: { type: 'ephemeral' } }),
});
const request = (...content: Block[]): MessagesRequest => ({
  model: 'm',
  max_tokens: 1,
  messages: [{ role: 'user', content }],
});

describe('the prompt cache of the scripted model', () => {
  test('writes a marked prefix and reads it when a later request begins with it', () => {
    const count = createCounter();
    const first = count([text(8000, true)]);
    expect(first).toMatchObject({ input_tokens: 0, cache_read_input_tokens: 0 });
    expect(first.cache_creation.ephemeral_5m_input_tokens).toBe(first.cache_creation_input_tokens);
    const second = count([text(8000), text(400, true)]);
    expect(second.cache_read_input_tokens).toBe(first.cache_creation_input_tokens);
    expect(second.cache_creation_input_tokens).toBeGreaterThan(100);
  });

  test('keeps no prefix below the minimum of the model or without a mark at its end', () => {
    const count = createCounter();
    expect(count([text(1100, true)])).toMatchObject({ cache_creation_input_tokens: 0 });
    expect(count([text(1100, true), text(8000)])).toMatchObject({
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
    });
    expect(count([text(1100), text(8000, true)]).cache_read_input_tokens).toBe(0);
    expect(count([text(1300, true)]).cache_creation_input_tokens).toBeGreaterThan(512);
  });

  test.each([
    [19, true],
    [20, false],
  ])('looks for a prefix that ends %i blocks before a mark: found is %s', (blocks, found) => {
    const count = createCounter();
    count([text(8000, true)]);
    const more = Array.from({ length: blocks }, (_, index) => text(10 + index, index === blocks - 1));
    expect(count([text(8000), ...more]).cache_read_input_tokens > 0).toBe(found);
  });

  test('counts results in a row as one position', () => {
    const count = createCounter();
    count([text(8000, true)]);
    const results = Array.from(
      { length: 40 },
      (_, index): Block => ({ type: 'tool_result', tool_use_id: `${index}` }),
    );
    expect(count([text(8000), ...results, text(10, true)]).cache_read_input_tokens).toBeGreaterThan(0);
  });

  test('keeps a prefix for five minutes from the start of the last request that used it', () => {
    const count = createCounter();
    count([text(8000, true)], 0);
    expect(count([text(8000, true)], 4 * minute).cache_read_input_tokens).toBeGreaterThan(0);
    expect(count([text(8000, true)], 9 * minute - 1).cache_read_input_tokens).toBeGreaterThan(0);
    expect(count([text(8000, true)], 14 * minute).cache_read_input_tokens).toBe(0);
  });

  test('keeps a prefix for an hour if its mark says so, and counts it apart', () => {
    const count = createCounter();
    const hour: Block = { ...text(8000), cache_control: { type: 'ephemeral', ttl: '1h' } };
    const first = count([hour, text(3000, true)]);
    expect(first.cache_creation.ephemeral_1h_input_tokens).toBeGreaterThan(3000);
    expect(first.cache_creation.ephemeral_5m_input_tokens).toBeLessThan(1400);
    const second = count([hour, text(3000, true)], 59 * minute);
    expect(second.cache_read_input_tokens).toBe(first.cache_creation.ephemeral_1h_input_tokens);
    expect(second.cache_creation.ephemeral_5m_input_tokens).toBeGreaterThan(1000);
  });

  test('starts the messages anew if the effort changes, and keeps the system prompt', () => {
    const count = createCounter();
    const system = [text(4000, true)];
    const first = count([text(8000, true)], 0, { system });
    const second = count([text(8000, true)], 0, { system, output_config: { effort: 'low' } });
    expect(second.cache_read_input_tokens).toBeGreaterThan(1500);
    expect(second.cache_read_input_tokens).toBeLessThan(first.cache_creation_input_tokens);
  });

  test('puts the mark of the request on its last block', () => {
    const count = createCounter();
    const mark = { cache_control: { type: 'ephemeral' as const } };
    const first = count([text(8000)], 0, mark);
    expect(count([text(8000), text(9)], 0, mark).cache_read_input_tokens).toBe(
      first.cache_creation_input_tokens,
    );
  });

  test('counts the tokens that the API adds for its own text editor, and does not count marks', () => {
    const editor = { name: 'str_replace_based_edit_tool', type: 'text_editor_20250728' };
    const system = [text(4000, true)];
    const withEditor = countFixedTokens({ system, tools: [editor] });
    expect(withEditor - countFixedTokens({ system: [text(4000)], tools: [] })).toBeGreaterThan(700);
    expect(countFixedTokens({ system })).toBe(countFixedTokens({ system: [text(4000)] }));
  });
});
