import { z } from 'zod';
import { defineTool } from './define-tool.js';

/** Names of the tools that end the agent's work. */
export const endingTools: ReadonlySet<string> = new Set(['submit', 'ask_question']);

const lines = z.array(z.string().max(2000)).max(20).optional();

export const askQuestion = defineTool({
  name: 'ask_question',
  description:
    'End your work for now with 1 to 3 questions to the people on the issue. You continue when they answer.',
  input: z.object({
    questions: z.array(z.string().min(1).max(2000)).min(1).max(3).describe('each self-contained'),
  }),
  summarize: ({ questions }) => questions.join(' '),
  call: async ({ questions }) => ({ ok: true, text: 'asked', outcome: { kind: 'asked', questions } }),
});

export const submit = defineTool({
  name: 'submit',
  description:
    'End your work: /workspace becomes the pull request, except what git ignores, and what tests or builds ' +
    'wrote if keep does not name it.',
  input: z.object({
    title: z.string().trim().min(1).max(200).describe('imperative'),
    summary: z.string().trim().min(1).max(10_000).describe('Markdown: what changed, why, assumptions'),
    migrations: lines.describe('database migrations, one line each'),
    endpoints: lines.describe('new or changed'),
    suggestions: lines.describe('improvements outside this issue'),
    keep: z.array(z.string().max(500)).max(200).optional(),
    open_questions: lines.describe('questions that did not block you'),
    answers: z
      .array(
        z.object({
          thread: z.number().int().min(1),
          done: z.boolean(),
          text: z.string().trim().min(1).max(2000).describe('one line: what you did, or why not'),
        }),
      )
      .max(200)
      .optional()
      .describe('one for each review thread or failed check; thread is its number'),
  }),
  summarize: ({ title }) => title,
  call: async ({ open_questions: openQuestions, keep, ...input }) => ({
    ok: true,
    text: 'submitted',
    ...(keep && { keep }),
    outcome: {
      kind: 'submitted',
      submission: {
        title: input.title,
        summary: input.summary,
        migrations: input.migrations ?? [],
        endpoints: input.endpoints ?? [],
        suggestions: input.suggestions ?? [],
        openQuestions: openQuestions ?? [],
        answers: input.answers ?? [],
      },
    },
  }),
});
