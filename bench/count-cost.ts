import {
  type Block,
  blocksOf,
  countTokens,
  type MessagesRequest,
  type ScriptedModel,
} from '../scripted-model/scripted-model.js';

/** Prices as multiples of that of a plain input token; a cost is so many input tokens' worth. */
const price = { input: 1, cacheWrite: 1.25, cacheRead: 0.1, output: 5 };

export type Usage = NonNullable<ScriptedModel['requests'][number]['usage']>;

export function costOf(usages: readonly Usage[]): number {
  const sum = (kind: keyof Usage) => usages.reduce((total, usage) => total + usage[kind], 0);
  return (
    price.input * sum('input_tokens') +
    price.cacheWrite * sum('cache_creation_input_tokens') +
    price.cacheRead * sum('cache_read_input_tokens') +
    price.output * sum('output_tokens')
  );
}

/**
 * The same conversation with one call in a turn, its outputs as `resultOf` gives them: every token of it is written to the cache
 * once and read at every later turn. With whole outputs and no fixed prompt that is the floor.
 * @param last the last request of the conversation; the reply to it is `ending`
 * @param fixedTokens of a prompt before the conversation
 */
export function costOfOneCallPerTurn(
  last: MessagesRequest,
  ending: Block[],
  resultOf: (result: Block) => Block,
  fixedTokens = 0,
): number {
  const [first, ...rest] = last.messages;
  let newTokens = fixedTokens + tokensOf(blocksOf(first?.content));
  let knownTokens = 0;
  let cost = 0;
  const ask = (reply: Block[]) => {
    cost += price.cacheWrite * newTokens + price.cacheRead * knownTokens + price.output * tokensOf(reply);
    knownTokens += newTokens;
    newTokens = tokensOf(reply);
  };
  for (let at = 0; at + 1 < rest.length; at += 2) {
    const reply = blocksOf(rest[at]?.content);
    const results = blocksOf(rest[at + 1]?.content);
    const said = reply.filter(({ type }) => type !== 'tool_use');
    reply
      .filter(({ type }) => type === 'tool_use')
      .forEach((call, index) => {
        ask(index === 0 ? [...said, call] : [call]);
        newTokens += tokensOf(results.filter(({ tool_use_id }) => tool_use_id === call.id).map(resultOf));
      });
  }
  ask(ending);
  return cost;
}

function tokensOf(blocks: readonly Block[]): number {
  return blocks.reduce((sum, { cache_control: _, ...block }) => sum + countTokens(JSON.stringify(block)), 0);
}
