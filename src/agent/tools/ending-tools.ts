import { z } from 'zod';
import { defineTool } from './define-tool.js';

/** By name: the tools that end the work. */
export const endings: ReadonlySet<string> = new Set(['submit', 'ask_question']);

const lines = z.array(z.string().max(2000)).max(20).optional();

export const askQuestion = defineTool({
  name: 'ask_question',
  description: 'End the work with questions to the people of the issue, when the requirement is unclear.',
  input: z.object({ questions: z.array(z.string().min(1).max(2000)).min(1).max(3) }),
  summarise: ({ questions }) => questions.join(' '),
  call: async ({ questions }) => ({ ok: true, text: 'asked', outcome: { kind: 'asked', questions } }),
});

export const submit = defineTool({
  name: 'submit',
  description: 'End the work: what is in /workspace becomes the pull request.',
  input: z.object({
    title: z.string().trim().min(1).max(200).describe('imperative'),
    summary: z.string().trim().min(1).max(10_000).describe('what was changed and why; Markdown'),
    migrations: lines.describe('database migrations, a line each'),
    endpoints: lines.describe('new or changed endpoints'),
    suggestions: lines.describe('improvements outside this issue'),
    open_questions: lines,
    answers: z
      .array(
        z.object({
          thread: z.number().int().min(1),
          done: z.boolean(),
          text: z.string().trim().min(1).max(2000).describe('one line: what was done, or why not'),
        }),
      )
      .max(200)
      .optional()
      .describe('to each thread of a review, by its number'),
  }),
  summarise: ({ title }) => title,
  call: async ({ open_questions: openQuestions, ...said }) => ({
    ok: true,
    text: 'submitted',
    outcome: {
      kind: 'submitted',
      submission: {
        title: said.title,
        summary: said.summary,
        migrations: said.migrations ?? [],
        endpoints: said.endpoints ?? [],
        suggestions: said.suggestions ?? [],
        openQuestions: openQuestions ?? [],
        answers: said.answers ?? [],
      },
    },
  }),
});
