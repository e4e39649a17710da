import { describeOutcome } from '../src/cli/describe-run.js';
import type { Run } from '../src/runs/run.js';
import type { RecordedEvent, RunEvent } from '../src/runs/run-event.js';
import { pad, removeControlCharacters, type Terminal, wrap } from './terminal.js';

const margin = 10;

/** Prints one event of a run. Times are relative to the creation of the run. */
export function showEvent({ at, event }: RecordedEvent, run: Run, terminal: Terminal): void {
  if (event.type === 'asked') showTurn(event, terminal);
  else if (event.type === 'acted') showCalls(event, terminal);
  else showStep(event, formatSeconds(at.getTime() - run.createdAt.getTime()), run, terminal);
}

type Turn = Extract<RunEvent, { type: 'asked' | 'acted' }>;

function showStep(event: Exclude<RunEvent, Turn>, time: string, run: Run, terminal: Terminal): void {
  // Print an empty line between the agent's last turn and the steps after it.
  if (event.type === 'tests-run' && event.when === 'after') terminal.print();
  const prefix = `${' '.repeat(margin)}${terminal.dim(time)}`.slice(time.length + 2);
  for (const line of wrap(removeControlCharacters(describeStep(event, run)), terminal.width, `${prefix}  `))
    terminal.print(line);
}

function showTurn({ turn, said }: Extract<RunEvent, { type: 'asked' }>, terminal: Terminal): void {
  terminal.print();
  const prefix = terminal.bold(`turn ${turn}`.padStart(margin - 2));
  const text = removeControlCharacters(said) || '(tool calls only)';
  for (const line of wrap(text, terminal.width, `${prefix}  `)) terminal.print(line);
}

function showCalls({ tools }: Extract<RunEvent, { type: 'acted' }>, terminal: Terminal): void {
  for (const [{ name, summary, ok, note, durationMs }, times] of countRepeated(tools)) {
    // The editor is one tool with several commands. The summary of a call begins with the command.
    const [, command, path] = /^(view|create|str_replace|insert) (.+)$/.exec(summary) ?? [];
    const isEditor = name === 'str_replace_based_edit_tool' && command && path;
    const call = removeControlCharacters(
      `${pad(isEditor ? command : name, 12)} ${isEditor ? path : summary}`,
    );
    const mark = ok ? terminal.green('✓') : terminal.red('✗');
    const result = note
      ? `: ${ok ? terminal.green(note) : terminal.red(note)}, ${formatSeconds(durationMs)}`
      : '';
    const repeated = times > 1 ? ` (${times} times)` : '';
    terminal.print(
      `${' '.repeat(margin)}${mark} ${truncate(call, terminal.width - margin - 2)}${repeated}${result}`,
    );
  }
}

type Call = Extract<RunEvent, { type: 'acted' }>['tools'][number];

/**
 * Groups consecutive calls with the same name, summary and result, so that each group is printed as one line.
 */
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

function describeStep(event: Exclude<RunEvent, Turn>, { workflow }: Run): string {
  switch (event.type) {
    case 'accepted':
      return `accepted: ${event.by} has write access and ${describeTrigger(event.trigger)}`;
    case 'queued':
      return event.ahead === 0 ? 'queued, first in line' : `queued, ${event.ahead} ahead`;
    case 'held':
      return `on hold: ${event.reason}`;
    case 'started':
      return 'started';
    case 'reviews-joined':
      return `answers ${count(event.runs.length, 'other review')}, too`;
    case 'images-read':
      return `images: ${event.read} read, ${event.unread.length} not read`;
    case 'task-read':
      return `task: ${event.base} at ${event.commit.slice(0, 10)}, agent ${event.agent}, model ${event.model}`;
    case 'set-up':
      return describeSetup(event);
    case 'change-set-up':
      return `setup with the packages of the change ${event.ok ? 'finished' : 'failed'} (${formatSeconds(event.durationMs)})`;
    case 'migrations-rehearsed':
      return `migrations ${event.notRehearsed === null ? `rehearsed on ${count(event.rows, 'row')}` : `not rehearsed: ${event.notRehearsed}`}`;
    case 'api-compared':
      return `API compared with the base: ${event.breaking} breaking, ${event.dangerous} dangerous, ${event.compatible} compatible`;
    case 'tests-run':
      return describeTests(event);
    case 'coverage-measured':
      return `changed lines that run in tests: ${event.reached} of ${event.lines} (${formatSeconds(event.durationMs)})`;
    case 'queries-recorded':
      return `statements on the database: ${event.statements} in ${count(event.tests, 'test')}, ${event.repeated} repeated, ${event.unindexed} without an index (${formatSeconds(event.durationMs)})`;
    case 'mutations-tried':
      return `small faults put into these lines: the tests noticed ${event.noticed} of ${event.tried} (${formatSeconds(event.durationMs)})`;
    case 'compacted':
      return 'the conversation was shortened';
    case 'mcp-servers':
      return `MCP servers: ${event.servers.map(({ name, fault }) => `${name} ${fault === null ? 'ready' : 'not available'}`).join(', ')}`;
    case 'said':
    case 'heard':
      return event.type === 'said' ? `${event.by} sent a message` : `read in turn ${event.turn}`;
    case 'submission-returned':
      return `submit returned: ${event.because.join('; ')}`;
    case 'checks-failed':
    case 'checks-answered':
      return describeChecks(event);
    case 'reply-abandoned':
      return `a reply of the model was abandoned (turn ${event.turn}), so it is requested again`;
    case 'waiting':
      return `waiting: ${event.reason}; until ${new Date(event.untilMs).toISOString().slice(11, 19)} UTC`;
    case 'scanned':
      return event.blocked + event.marked === 0
        ? 'scan for credentials, protected paths, links and size: nothing found'
        : `scan: ${count(event.blocked, 'blocker')}, ${count(event.marked, 'warning')}`;
    case 'pushed':
      return `pushed ${event.commit.slice(0, 10)} to ${event.branch}`;
    case 'pull-request':
      return `${event.draft ? 'draft ' : ''}pull request #${event.number} ${workflow === 'answer-review' ? 'updated' : 'opened'}`;
    case 'settled':
      return `finished: ${describeOutcome(event.outcome)}`;
  }
}

function describeChecks(event: Extract<RunEvent, { type: 'checks-failed' | 'checks-answered' }>): string {
  if (event.type === 'checks-failed')
    return `failed CI checks on ${event.head.slice(0, 10)}: ${event.failed.map(({ name }) => name).join(', ')}`;
  return `CI checks: ${event.answers.map(({ name, done }) => `${name} ${done ? 'done' : 'not done'}`).join(', ')}`;
}

function describeTrigger(trigger: string): string {
  if (trigger.startsWith('label ')) return `added the ${trigger}`;
  if (trigger === 'a review') return 'submitted a review';
  return `started this with ${trigger}`;
}

function describeSetup(event: Extract<RunEvent, { type: 'set-up' }>): string {
  const { ok, commands, durationMs, provided } = event;
  const install =
    commands.length > 0
      ? `${commands.join(', ')} ran with access to package registries only`
      : 'nothing to install';
  return `workspace ${ok ? 'ready' : 'setup failed'}: cloned; ${install} (${formatSeconds(durationMs)}); network is now off${provided.map((line) => `; ${line.replace(/\.$/, '')}`).join('')}`;
}

const testLabels = {
  before: 'tests before the change',
  after: 'tests after the change, in a fresh copy',
  again: 'newly failing tests, run again',
  'before-again': 'mended tests, run again without the change',
  'proof-again': 'new tests, run again',
  'without-data': 'new tests without the change and its data',
  'against-base': 'new tests without the change (they should fail)',
};

function describeTests({ when, tests }: Extract<RunEvent, { type: 'tests-run' }>): string {
  const { passed, failed, skipped, command, ended, exitCode, durationMs } = tests;
  const counts =
    passed + failed + skipped === 0
      ? `exit code ${exitCode}`
      : when === 'against-base'
        ? `${failed} of ${passed + failed} failed`
        : `${passed} passed, ${failed} failed`;
  return `${testLabels[when]}: ${ended === 'exited' ? counts : ended} (${command}, ${formatSeconds(durationMs)})`;
}

export function formatSeconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function truncate(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}
