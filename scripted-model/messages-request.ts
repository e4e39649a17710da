/** A content block of a Messages API request or reply. It has only the fields that this folder reads. */
export interface Block {
  type: string;
  id?: string;
  name?: string;
  text?: string;
  thinking?: string;
  signature?: string | null;
  data?: string;
  tool_use_id?: string;
  content?: string | Block[] | null;
  encrypted_content?: string | null;
  input?: unknown;
  source?: ImageSource;
  cache_control?: CacheControl | null;
}

export interface ImageSource {
  type: string;
  media_type?: string;
  data?: string;
}

export interface CacheControl {
  type: 'ephemeral';
  ttl?: '5m' | '1h';
}

export interface Message {
  role: string;
  content: string | Block[];
  output_config?: { effort?: string | null };
}

export interface Tool {
  name: string;
  type?: string;
  description?: string;
  input_schema?: object;
  eager_input_streaming?: boolean;
  cache_control?: CacheControl | null;
}

export interface CompactEdit {
  type: 'compact_20260112';
  trigger?: { type: 'input_tokens'; value: number } | null;
  pause_after_compaction?: boolean;
}

/** The body of `POST /v1/messages`. It has only the fields that this folder reads. */
export interface MessagesRequest {
  model: string;
  max_tokens: number;
  stream?: boolean;
  system?: string | Block[];
  tools?: Tool[];
  messages: Message[];
  thinking?: {
    type: string;
    display?: string | null;
    block_binding?: { prefix_mismatch_behavior?: 'error' | 'drop_block' | null } | null;
  };
  output_config?: { effort?: string | null; format?: object | null };
  tool_choice?: { type: string; name?: string };
  stop_sequences?: string[];
  cache_control?: CacheControl | null;
  context_management?: { edits?: CompactEdit[] } | null;
  compaction?: { type: 'summarize'; instructions?: string | null } | null;
}

/** Returns the content as blocks. The API treats a plain string as one text block. */
export function blocksOf(content: string | Block[] | null | undefined): Block[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? []);
}

export function isThinking({ type }: Block): boolean {
  return type === 'thinking' || type === 'redacted_thinking';
}

/** Returns a block or tool without its cache mark, which is not part of the content. */
export function withoutMark<T extends { cache_control?: unknown }>({ cache_control: _, ...content }: T) {
  return content;
}
