/** A content block of a Messages API request or reply: the fields that this folder reads. */
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

/** The body of `POST /v1/messages`: the fields that this folder reads. */
export interface MessagesRequest {
  model: string;
  max_tokens: number;
  stream?: boolean;
  system?: string | Block[];
  tools?: { name: string; type?: string; description?: string; input_schema?: object }[];
  messages: Message[];
}

/** @returns the content as blocks; the API takes a plain text for one text block */
export function blocksOf(content: string | Block[] | undefined): Block[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? []);
}

/** The text of the first message. It tells which conversation a request belongs to. */
export function firstTextOf({ messages }: MessagesRequest): string {
  return blocksOf(messages[0]?.content)
    .map(({ text }) => text)
    .join('\n');
}

/** How many replies the conversation already has. */
export function countReplies({ messages }: MessagesRequest): number {
  return messages.filter(({ role }) => role === 'assistant').length;
}
