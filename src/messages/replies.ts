import type { RefusalReason } from '../runs/refusal-reason.js';
import type { Trigger } from '../task/task.js';
import type { UntrustedText } from '../text/untrusted-text.js';
import { listQuestions } from './outcome.js';
import { describeNextStep, describeRefusal } from './refusals.js';

export function renderRefusal(
  { sender, kind }: Pick<Trigger, 'sender' | 'kind'>,
  reason: RefusalReason,
  untrusted: UntrustedText,
): string {
  const text = untrusted.statement(describeRefusal(reason));
  if (kind === 'control') return `@${sender.login}, I did not do this: ${text}`;
  const next = describeNextStep(reason);
  const relabel = kind === 'label' ? ' You can also remove the label and add it again.' : '';
  return `@${sender.login}, I did not start: ${text}${next ? `\n\n${next}${relabel}` : ''}`;
}

export function renderReminder(questions: readonly string[], untrusted: UntrustedText): string {
  return `**Still waiting for an answer:**\n\n${listQuestions(questions, untrusted)}\n\nAnswer in a comment. I will then continue automatically.`;
}

export function renderQuestionClosed(): string {
  return '**I stopped waiting.** Nobody answered my question. To continue, comment `/implement` with instructions.';
}

export function renderAllowed(
  { path, line }: { path: string; line: number | null },
  untrusted: UntrustedText,
): string {
  const where = line === null ? untrusted.name(path) : `line ${line} of ${untrusted.name(path)}`;
  return `Allowed. From the next scan on, text in ${where} that looks like a credential is ignored and no longer turns the pull request into a draft. \`/retry\` starts a run, which scans the change again.`;
}

/** @param usages each form of each command, and the effect of that form */
export function renderHelp(usages: readonly { form: string; effect: string }[]): string {
  const lines = usages.map(({ form, effect }) => `- \`${form}\` ${effect}`);
  return ['Write one of these commands at the start of a line:', '', ...lines].join('\n');
}

/** @param commit the commit that does what the thread asks for; null if there is no such commit */
export function renderThreadAnswer(text: string, commit: string | null, untrusted: UntrustedText): string {
  return `${commit === null ? 'Not done:' : `Done in ${commit}:`} ${untrusted.statement(text)}`;
}
