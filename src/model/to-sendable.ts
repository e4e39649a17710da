import type Anthropic from '@anthropic-ai/sdk';

/**
 * Prepares a reply so that it can be sent back to the API. Removes text blocks without a visible character,
 * because the API refuses them. Removes NUL characters and replaces lone surrogates in text and tool inputs,
 * because other programs reject them. Removes thinking blocks without a signature, which the API refuses.
 * Such a block is what remains if a reply was cut off while the model was thinking.
 */
export function toSendable(content: Anthropic.ContentBlock[]): Anthropic.ContentBlock[] {
  return content
    .map((block) => {
      if (block.type === 'text') return { ...block, text: cleanString(block.text) };
      return block.type === 'tool_use' ? { ...block, input: cleanStrings(block.input) } : block;
    })
    .filter((block) => {
      if (block.type === 'thinking') return block.signature !== '';
      return block.type !== 'text' || block.text.trim() !== '';
    });
}

function cleanString(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

function cleanStrings(input: unknown): unknown {
  return JSON.parse(JSON.stringify(input ?? {}), (_, part) =>
    typeof part === 'string' ? cleanString(part) : part,
  );
}
