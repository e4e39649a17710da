import { describe, expect, test } from '@jest/globals';
import type { Block, MessagesRequest } from '../messages-request.js';
import { countFixedTokens, PromptCache } from '../prompt-cache.js';

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
    const cache = new PromptCache();
    const first = cache.count(request(text(8000, true)), 10);
    expect(first).toMatchObject({ input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 10 });
    const second = cache.count(request(text(8000), text(400, true)), 10);
    expect(second.cache_read_input_tokens).toBe(first.cache_creation_input_tokens);
    expect(second.cache_creation_input_tokens).toBeGreaterThan(100);
  });

  test('keeps no prefix that is shorter than the minimum or does not end in a mark', () => {
    const cache = new PromptCache();
    expect(cache.count(request(text(400, true)), 1)).toMatchObject({ cache_creation_input_tokens: 0 });
    expect(cache.count(request(text(400, true), text(8000)), 1)).toMatchObject({
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
    });
    expect(cache.count(request(text(400), text(8000, true)), 1).cache_read_input_tokens).toBe(0);
  });

  test.each([
    [19, true],
    [20, false],
  ])('looks for a prefix that ends %i blocks before a mark: found is %s', (blocks, found) => {
    const cache = new PromptCache();
    cache.count(request(text(8000, true)), 1);
    const more = Array.from({ length: blocks }, (_, index) => text(10 + index, index === blocks - 1));
    expect(cache.count(request(text(8000), ...more), 1).cache_read_input_tokens > 0).toBe(found);
  });

  test('counts the tokens that the API adds for its own text editor, and does not count marks', () => {
    const editor = { name: 'str_replace_based_edit_tool', type: 'text_editor_20250728' };
    const system = [text(4000, true)];
    const withEditor = countFixedTokens({ system, tools: [editor] });
    expect(withEditor - countFixedTokens({ system: [text(4000)], tools: [] })).toBeGreaterThan(700);
    expect(countFixedTokens({ system })).toBe(countFixedTokens({ system: [text(4000)] }));
  });
});
