import { asSentence } from '../runs/outcome.js';
import type { ExistingFix, ForeignCommits, RefusalReason } from '../runs/refusal-reason.js';
import { indent } from './indent.js';

type Of<Kind extends RefusalReason['kind']> = Extract<RefusalReason, { kind: Kind }>;

const setting = 'Set `test` in .github/pullwright.yml.';

const words: { [Kind in RefusalReason['kind']]: (reason: Of<Kind>) => string } = {
  'repository-archived': () => 'The repository is archived.',
  closed: ({ what }) => `The ${what} is closed. Reopen it first.`,
  locked: ({ what }) => `The ${what} is locked. Unlock it first.`,
  'edited-since-missed': () =>
    'I was offline when this was requested, and the issue has been edited since then. Request it again.',
  'not-our-pull-request': () => 'I only work on issues and on pull requests that I opened.',
  'not-a-person': ({ login }) =>
    `@${login} is not a person. Someone with write access must make this request.`,
  'no-write-access': ({ login }) =>
    `@${login} does not have write access to this repository. Someone with write access must make this request.`,
  'command-in-review': () =>
    'I do not read commands such as `/stop` in a review. Write the command as a comment on the pull request.',
  'plan-on-pull-request': () =>
    'Comment `/implement --plan` on an issue. On a pull request, `/implement` with instructions asks for a change.',
  'no-instructions': () =>
    'Say what should change. Comment `/implement` with instructions, or write a review. `/retry` repeats the last request.',
  'invalid-effort': ({ where, fault }) => `I cannot use ${where}: ${asSentence(fault)}`,
  'run-in-progress': ({ takesMessages }) =>
    takesMessages
      ? 'A run for this issue is in progress. Its progress comment shows what it is doing. To send instructions to its agent, comment `/implement` with the instructions.'
      : 'A run for this issue is in progress. Its agent has finished, so it cannot take more instructions. Write them on the pull request, or write them here after the run ends.',
  'ci-fails-on-base': ({ checks }) =>
    `These checks also fail on the base branch, so this change did not break them: ${checks}.`,
  'ci-fix-limit': ({ runs, checks, onBase }) =>
    `CI still fails after ${runs} automatic ${runs === 1 ? 'run' : 'runs'} in a row. That is this server's limit (MAX_CI_FIX_RUNS). These checks fail: ${checks}.${onBase === null ? '' : ` These also fail on the base branch: ${onBase}.`}`,
  undecided: ({ text }) => asSentence(text),
  'write-access-lost': ({ login }) => `@${login} no longer has write access to this repository.`,
  'empty-repository': () => 'The repository is empty. It needs a first commit to start from.',
  'base-branch-missing': ({ branch, isSetting }) =>
    `The base branch ${branch} does not exist${isSetting ? ' (`baseBranch` in .github/pullwright.yml)' : ''}.`,
  'already-fixed': ({ fixes, foreignCommits }) => describeExistingWork(fixes, foreignCommits),
  'empty-issue': ({ unanswered }) =>
    `${describeEmptyIssue(unanswered)} Describe what should change and where. For example, name the endpoint, its input and its responses.`,
  'invalid-settings': ({ faults }) =>
    `.github/pullwright.yml has ${faults.length === 1 ? 'an error' : 'errors'}:\n${list(faults)}`,
  'unknown-agent': (reason) => describeUnknownAgent(reason),
  'unpriced-model': ({ agent, source, model }) =>
    `The agent "${agent}" (${source}) uses the model "${model}". This server does not know the price of that model, so its limits in dollars would not hold. Use sonnet, opus, haiku, fable or the id of a model with a known price. The server's operator can add a price (PULLWRIGHT_PRICES).`,
  'tests-time-out': ({ command, minutes, missing, remark, output }) => {
    const end = output === '' ? '' : ` The command's output ends with:\n\n${indent(output)}`;
    const stopped = `The tests did not finish. "${command}" ran for more than ${describeMinutes(minutes)} on the unmodified base commit and was stopped.${remark && ` ${remark}`}`;
    return missing.length === 0
      ? `${stopped} Set \`test\` or \`timeouts.test\` in .github/pullwright.yml.${end}`
      : `${stopped} They may wait for what this server lacks:\n${list(missing)}${end && `\n\n${end.trim()}`}`;
  },
  'tests-print-too-much': ({ command }) =>
    `The test command "${command}" prints more output than Pullwright can keep. ${setting}`,
  'test-command-missing': ({ command, exitCode, output }) =>
    `The test command does not exist: "${command}" ended with exit code ${exitCode}. ${setting} The command's output ends with:\n\n${indent(output)}`,
  'nothing-to-change': ({ summary }) => `No change was needed. The agent's summary: ${asSentence(summary)}`,
  'no-change': ({ text }) => asSentence(`The agent changed no file${text === null ? '' : `: ${text}`}`),
};

/**
 * Puts a refusal reason into words. The returned text can quote a program or a model, so callers must pass it
 * through `UntrustedText`.
 */
export function describeRefusal(reason: RefusalReason): string {
  return (words[reason.kind] as (reason: RefusalReason) => string)(reason);
}

/**
 * Says what people can do after a refusal.
 * @returns null if the reason itself already says this
 */
export function describeNextStep(reason: RefusalReason): string | null {
  switch (reason.kind) {
    case 'command-in-review':
    case 'no-instructions':
    case 'plan-on-pull-request':
    case 'run-in-progress':
    case 'already-fixed':
    case 'edited-since-missed':
    case 'not-our-pull-request':
    case 'not-a-person':
    case 'no-write-access':
      return null;
    case 'nothing-to-change':
    case 'no-change':
      return 'To try again, comment `/implement` with instructions.';
    default:
      return 'When this is resolved, comment `/implement`.';
  }
}

const maxHeadings = 8;

function describeEmptyIssue(unanswered: readonly string[]): string {
  if (unanswered.length === 0) return 'The issue has a title but no description.';
  const named = unanswered.slice(0, maxHeadings).map((heading) => `"${heading}"`);
  const more = unanswered.length > maxHeadings ? ` and ${unanswered.length - maxHeadings} more` : '';
  return `The issue's template is not filled in. Nothing is written under ${named.join(', ')}${more}.`;
}

function describeUnknownAgent({ name, agents, faults }: Of<'unknown-agent'>): string {
  const known = agents.map((one) => `\`${one}\``).join(', ');
  const broken = faults.length > 0 ? ` Agent files of this repository have errors:\n${list(faults)}` : '';
  return `There is no agent "${name}". Available: ${known}.${broken}`;
}

function describeExistingWork(fixes: readonly ExistingFix[], foreign: ForeignCommits | null): string {
  const parts: string[] = [];
  if (fixes.length > 0)
    parts.push(
      `This may already be done: ${fixes.map(describeFix).join('; ')}. Comment \`/implement --anyway\` to start a run anyway.`,
    );
  if (foreign) parts.push(describeForeignCommits(foreign));
  return parts.join(' ');
}

function describeFix(fix: ExistingFix): string {
  switch (fix.kind) {
    case 'merged-pull-request':
      return `#${fix.number} was merged and closes the issue`;
    case 'open-pull-request':
      return `#${fix.number} by ${fix.author ?? 'someone'} is open and closes the issue`;
    case 'commit':
      return `commit ${fix.commit.slice(0, 10)} says that it closes the issue`;
  }
}

function describeForeignCommits({ branch, pullRequest, isForeignBranch }: ForeignCommits): string {
  const free = 'rename or delete that branch';
  if (isForeignBranch)
    return `The branch ${branch} already exists, and I did not create it. To continue, ${free}, then comment \`/implement\`.`;
  const where = pullRequest === null ? 'the pull request' : `#${pullRequest}`;
  return `Someone pushed to ${branch} after my last commit, and I never overwrite other people's commits. To build on them, review ${where} or comment \`/implement\` with instructions there. To start over, ${free} first.`;
}

function describeMinutes(minutes: number): string {
  const [count, unit] = minutes < 1 ? [Math.round(minutes * 60), 'second'] : [minutes, 'minute'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${asSentence(line)}`).join('\n');
}
