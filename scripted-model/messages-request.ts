/** A content block of a Messages API request or reply. It has only the fields that this folder reads. */
export interface Block {
  type: string;
  id?: string;
  name?: string;
  text?: string;
  tool_use_id?: string;
  content?: string | Block[];
  input?: unknown;
  cache_control?: unknown;
}

export interface Message {
  role: string;
  content: string | Block[];
}

/** The body of `POST /v1/messages`. It has only the fields that this folder reads. */
export interface MessagesRequest {
  model: string;
  max_tokens: number;
  stream?: boolean;
  system?: string | Block[];
  tools?: { name: string; type?: string; description?: string; input_schema?: object }[];
  messages: Message[];
}

/** Returns the content as blocks. The API treats a plain string as one text block. */
export function blocksOf(content: string | Block[] | undefined): Block[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? []);
}

/** Returns the text of the first message, which identifies the conversation of a request. */
export function firstTextOf({ messages }: MessagesRequest): string {
  return blocksOf(messages[0]?.content)
    .map(({ text }) => text)
    .join('\n');
}

/** Counts the model's replies in a request. */
export function countReplies({ messages }: MessagesRequest): number {
  return messages.filter(({ role }) => role === 'assistant').length;
}
