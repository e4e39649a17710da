import type { RecordedEvent, RunEvent } from '../src/runs/run-event.js';
import { harmless, pad, type Terminal, wrap } from './terminal.js';

const margin = 10;

/**
 * Shows what a run does, in the order in which it happens.
 * @param since the time that counts as 0
 */
export function showEvent({ at, event }: RecordedEvent, since: Date, terminal: Terminal): void {
  if (event.type === 'asked') showTurn(event, terminal);
  else if (event.type === 'acted') showCalls(event, terminal);
  else showStep(event, `${((at.getTime() - since.getTime()) / 1000).toFixed(1)} s`, terminal);
}

type Turn = Extract<RunEvent, { type: 'asked' | 'acted' }>;

function showStep(event: Exclude<RunEvent, Turn>, time: string, terminal: Terminal): void {
  // A turn's lines stand together; what comes after them does not belong to them.
  if (event.type === 'tests-run' && event.when === 'after') terminal.print();
  const head = `${' '.repeat(margin)}${terminal.dim(time)}`.slice(time.length + 2);
  for (const line of wrap(harmless(describeStep(event)), terminal.width, `${head}  `)) terminal.print(line);
}

function showTurn({ turn, said }: Extract<RunEvent, { type: 'asked' }>, terminal: Terminal): void {
  terminal.print();
  const head = terminal.bold(`turn ${turn}`.padStart(margin - 2));
  for (const line of wrap(harmless(said) || '(calls without a word)', terminal.width, `${head}  `))
    terminal.print(line);
}

function showCalls({ tools }: Extract<RunEvent, { type: 'acted' }>, terminal: Terminal): void {
  for (const [{ name, summary, ok, note, durationMs }, times] of countRepeated(tools)) {
    // The editor is one tool with several commands, which its summary begins with: `view README.md`.
    const [, command, path] = /^(view|create|str_replace|insert) (.+)$/.exec(summary) ?? [];
    const isEditor = name === 'str_replace_based_edit_tool' && command && path;
    const call = `${pad(isEditor ? command : name, 12)} ${isEditor ? path : summary}`;
    const mark = ok ? terminal.green('✓') : terminal.red('✗');
    const came = note ? `: ${ok ? terminal.green(note) : terminal.red(note)}, ${seconds(durationMs)}` : '';
    const more = times > 1 ? ` (${times} times)` : '';
    terminal.print(
      `${' '.repeat(margin)}${mark} ${cut(harmless(call), terminal.width - margin - 2)}${more}${came}`,
    );
  }
}

type Call = Extract<RunEvent, { type: 'acted' }>['tools'][number];

/** Several edits of one file in a row are one line. */
function countRepeated(tools: readonly Call[]): [Call, number][] {
  const counted: [Call, number][] = [];
  for (const tool of tools) {
    const last = counted.at(-1);
    if (last?.[0].name === tool.name && last[0].summary === tool.summary && last[0].ok === tool.ok)
      last[1] += 1;
    else counted.push([tool, 1]);
  }
  return counted;
}

function describeStep(event: Exclude<RunEvent, Turn>): string {
  switch (event.type) {
    case 'accepted':
      return `accepted: ${event.by} may write here, and asked for it with ${event.trigger}`;
    case 'queued':
      return event.ahead === 0 ? 'queued, next in line' : `queued, ${event.ahead} ahead`;
    case 'held':
      return `waiting: ${event.reason}`;
    case 'started':
      return 'started';
    case 'task-read':
      return `task fixed: base ${event.base} at ${event.commit.slice(0, 10)}, agent ${event.agent}, model ${event.model}`;
    case 'set-up':
      return `workspace ${event.ok ? 'ready' : 'set up with a failure'}: cloned, ${event.commands.join(', ') || 'nothing to install'} in the sandbox with the package registries as its only network (${seconds(event.durationMs)}); no network from here on`;
    case 'tests-run':
      return describeTests(event);
    case 'said':
      return `${event.by} said more`;
    case 'heard':
      return `the agent was told what was said meanwhile (turn ${event.turn})`;
    case 'submission-returned':
      return `the change holds what looks like credentials, and goes back to the agent once (turn ${event.turn})`;
    case 'checks-failed':
      return `checks that failed on ${event.head.slice(0, 10)}: ${event.failed.map(({ name }) => name).join(', ')}`;
    case 'checks-answered':
      return event.answers.map(({ name, done }) => `${name}: ${done ? 'done' : 'not done'}`).join(', ');
    case 'waiting':
      return `waiting: ${event.reason}; until ${new Date(event.untilMs).toISOString().slice(11, 19)} UTC`;
    case 'scanned':
      return event.blocked + event.marked === 0
        ? 'scanned for credentials, protected paths, links and size: nothing found'
        : `scanned: ${event.blocked} blocking, ${event.marked} to look at`;
    case 'pushed':
      return `pushed ${event.commit.slice(0, 10)} to ${event.branch}`;
    case 'pull-request':
      return `${event.draft ? 'draft ' : ''}pull request #${event.number} opened`;
    case 'settled':
      return `settled: ${event.outcome.kind}${'reason' in event.outcome ? `, ${event.outcome.reason}` : ''}`;
  }
}

const whichTests = {
  before: 'tests on the untouched base',
  after: 'tests on the change, in a fresh copy',
  again: 'what newly fails, once more',
  'against-base': "the change's tests on the base's code, where a failure is proof",
};

function describeTests({ when, tests }: Extract<RunEvent, { type: 'tests-run' }>): string {
  const { passed, failed, skipped, command, ended, exitCode, durationMs } = tests;
  const counts =
    passed + failed + skipped > 0 ? `${passed} passed, ${failed} failed` : `exit code ${exitCode}`;
  return `${whichTests[when]}: ${ended === 'exited' ? counts : ended} (${command}, ${seconds(durationMs)})`;
}

export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}
