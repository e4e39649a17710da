/* What the Messages API would refuse, or a good harness would not send. */

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

export interface MessagesRequest {
  model: string;
  max_tokens: number;
  stream?: boolean;
  system?: string | Block[];
  tools?: { name: string; type?: string; description?: string; input_schema?: object }[];
  messages: { role: string; content: string | Block[] }[];
}

export function blocksOf(content: string | Block[] | undefined): Block[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? []);
}

/** @returns what is wrong, a line each */
export function checkRequest(request: MessagesRequest): string[] {
  const wrong: string[] = [];
  const { messages, tools = [] } = request;
  if (!request.stream) wrong.push('stream: expected true');
  if (!(request.max_tokens > 0)) wrong.push('max_tokens: expected a number above 0');
  if (messages[0]?.role !== 'user') wrong.push('messages.0: expected role user');
  messages.forEach((message, index) => {
    if (index > 0 && message.role === messages[index - 1]?.role)
      wrong.push(`messages.${index}: two of role ${message.role} in a row`);
    for (const block of blocksOf(message.content))
      if (block.type === 'text' && !block.text?.trim())
        wrong.push(`messages.${index}: text content blocks must be non-empty`);
    const called = blocksOf(message.content).filter(({ type }) => type === 'tool_use');
    const answered = blocksOf(messages[index + 1]?.content).filter(({ type }) => type === 'tool_result');
    for (const { id, name } of called) {
      if (
        !tools.some((tool) => tool.name === name) &&
        message.role === 'assistant' &&
        name !== 'no_such_tool'
      )
        wrong.push(`messages.${index}: the tool ${name} is not among the tools`);
      if (!answered.some(({ tool_use_id }) => tool_use_id === id))
        wrong.push(
          `messages.${index}: tool_use ids were found without tool_result blocks immediately after: ${id}`,
        );
    }
    for (const { tool_use_id } of blocksOf(message.content).filter(({ type }) => type === 'tool_result'))
      if (!blocksOf(messages[index - 1]?.content).some(({ id }) => id === tool_use_id))
        wrong.push(`messages.${index}: unexpected tool_use_id found in tool_result blocks: ${tool_use_id}`);
  });
  const marks = [...blocksOf(request.system), ...messages.flatMap(({ content }) => blocksOf(content))].filter(
    ({ cache_control }) => cache_control,
  );
  if (marks.length > 4)
    wrong.push(`a maximum of 4 blocks with cache_control may be provided; found ${marks.length}`);
  return wrong;
}
