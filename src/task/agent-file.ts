import { z } from 'zod';

/** An agent as its Markdown file describes it: frontmatter and system prompt. */
export const Agent = z.object({
  /** Lower-case letters, digits and hyphens. */
  name: z.string(),
  description: z.string(),
  /** An alias (`sonnet`, `opus`, `haiku`), a full model id, or null: the operator's default (`inherit` or absent). */
  model: z.string().nullable(),
  color: z.string().nullable(),
  /** Pullwright's tool names that this agent may use; null: all of them. */
  tools: z.array(z.string()).nullable(),
  /** The system prompt: the file's body. */
  prompt: z.string(),
  /** Where it was read from, for messages. */
  source: z.string(),
});
export type Agent = z.infer<typeof Agent>;
