import {
  type Block,
  blocksOf,
  countBlockTokens,
  type MessagesRequest,
  type ScriptedModel,
} from '../scripted-model/scripted-model.js';

/**
 * Prices per token of Claude Sonnet 5.5, relative to the price of an uncached input token. All costs have the
 * same unit.
 */
export const price = { input: 1, cacheWrite: 1.25, cacheWriteForAnHour: 2, cacheRead: 0.05, output: 5 };

export type Usage = NonNullable<ScriptedModel['requests'][number]['usage']>;

export function costOf(usages: readonly Usage[]): number {
  const costs = usages.map(
    ({ input_tokens, cache_creation, cache_read_input_tokens, output_tokens }) =>
      price.input * input_tokens +
      price.cacheWrite * cache_creation.ephemeral_5m_input_tokens +
      price.cacheWriteForAnHour * cache_creation.ephemeral_1h_input_tokens +
      price.cacheRead * cache_read_input_tokens +
      price.output * output_tokens,
  );
  return costs.reduce((total, cost) => total + cost, 0);
}

/**
 * Computes what a conversation would cost with one tool call per turn, if every token were written to the
 * cache once and read from it in every later turn. The report uses this cost, for complete tool outputs and
 * without a fixed prompt, as the baseline and calls it the floor.
 * @param last the last request of the conversation
 * @param ending the model's reply to `last`
 * @param resultOf maps each tool result in `last` to the result whose tokens are counted
 * @param fixedTokens number of tokens of the tools and the system prompt
 */
export function costOfOneCallPerTurn(
  last: MessagesRequest,
  ending: Block[],
  resultOf: (result: Block) => Block,
  fixedTokens = 0,
): number {
  const [first, ...rest] = last.messages;
  let freshTokens = fixedTokens + tokensOf(blocksOf(first?.content));
  let cachedTokens = 0;
  let cost = 0;
  const ask = (reply: Block[]) => {
    cost += price.cacheWrite * freshTokens + price.cacheRead * cachedTokens + price.output * tokensOf(reply);
    cachedTokens += freshTokens;
    freshTokens = tokensOf(reply);
  };
  for (let index = 0; index + 1 < rest.length; index += 2) {
    const reply = blocksOf(rest[index]?.content);
    const results = blocksOf(rest[index + 1]?.content);
    const texts = reply.filter(({ type }) => type !== 'tool_use');
    reply
      .filter(({ type }) => type === 'tool_use')
      .forEach((call, order) => {
        ask(order === 0 ? [...texts, call] : [call]);
        freshTokens += tokensOf(results.filter(({ tool_use_id }) => tool_use_id === call.id).map(resultOf));
      });
  }
  ask(ending);
  return cost;
}

function tokensOf(blocks: readonly Block[]): number {
  return blocks.reduce((sum, block) => sum + countBlockTokens(block), 0);
}
