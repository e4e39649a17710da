import { stripEscapes } from '../../../text/strip-escapes.js';
import { keepOwnFrames } from './own-frames.js';
import type { Reported } from './test-case.js';

/** Why a test failed, as text for the agent. */
export interface Failure {
  /** The error, with the stack frames that are in the repository. */
  error: string;
  /** What the test printed; '' if the report does not contain it. */
  output: string;
}

/** Maximum length of each text that is read, in characters. */
const maxText = 20_000;

export function describeFailure({ message, trace, output }: Reported): Failure {
  const said = tidy(message);
  const stack = tidy(trace);
  const [firstLine = ''] = said.split('\n', 1);
  // Most stacks begin with the message.
  const error = stack.includes(firstLine) && stack ? stack : [said, stack].filter(Boolean).join('\n');
  return { error: keepOwnFrames(error), output: tidy(output) };
}

function tidy(text: string | null | undefined): string {
  return stripEscapes(cutMiddle(text ?? '', maxText))
    .replace(/^\s*\n/, '')
    .trimEnd();
}

/** Cuts out the middle of a text that is longer than `max` characters. */
export function cutMiddle(text: string, max: number): string {
  const half = Math.floor(max / 2);
  return text.length <= max ? text : `${text.slice(0, half)}\n[…]\n${text.slice(-half)}`.toWellFormed();
}
