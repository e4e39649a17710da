import { describeEnding } from '../messages/describe-ending.js';
import type { RunEvent } from '../runs/run-event.js';
import { describeOutcome } from './describe-run.js';

type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>;

const testLabels: Record<EventOf<'tests-run'>['when'], string> = {
  before: 'tests before the change',
  after: 'tests after the change',
  again: 'tests once more',
  'before-again': 'tests before the change once more',
  'against-base': "the change's tests on the base code",
  'without-data': "the change's tests on the base code, without its data",
  'proof-again': "the change's tests once more",
};

const endings: Record<EventOf<'reply-abandoned'>['ending'], string> = {
  silent: 'nothing arrived for too long',
  late: 'it took too long',
  cut: 'it broke off',
  stopped: 'the run was stopped',
  lost: 'the worker died',
};

const descriptions: { [Type in RunEvent['type']]: (event: EventOf<Type>) => string } = {
  accepted: ({ by, trigger }) => `accepted from @${by}: ${trigger}`,
  queued: ({ ahead }) => (ahead === 0 ? 'queued, next in line' : `queued behind ${count(ahead, 'run')}`),
  held: ({ reason }) => `waiting in the queue: ${reason}`,
  started: ({ worker, warning }) =>
    `started on worker ${worker}${warning ? `, with a warning: ${warning}` : ''}`,
  'task-read': ({ agent, agentReason, model, effort, base, commit, hidden }) =>
    join([
      `task read: agent ${agent}${agentReason && ` (${agentReason})`}, model ${model}${effort === null ? '' : `, effort ${effort}`}`,
      `base ${base} at ${short(commit)}`,
      hidden.length > 0 && `hidden from the agent: ${hidden.join('; ')}`,
    ]),
  'set-up': ({ ok, commands, durationMs, refusedHosts, found, provided, missing }) =>
    join([
      `setup ${ok ? 'finished' : 'failed'} in ${seconds(durationMs)}`,
      commands.join('; ') || 'no commands',
      found.length > 0 && `the tests need ${found.join(', ')}`,
      ...[...provided, ...missing].map((sentence) => sentence.replace(/\.$/, '')),
      refusedHosts.length > 0 && `refused hosts: ${refusedHosts.join(', ')}`,
    ]),
  'reviews-joined': ({ runs }) => `answers the reviews of ${runs.join(', ')}, too`,
  'change-set-up': ({ ok, managers, packages, durationMs, refusedHosts }) =>
    join([
      `setup with the packages of the change ${ok ? 'finished' : 'failed'} in ${seconds(durationMs)}`,
      `${count(packages, 'changed package')} (${managers.join(', ') || 'no package manager'})`,
      refusedHosts.length > 0 && `refused hosts: ${refusedHosts.join(', ')}`,
    ]),
  'migrations-rehearsed': ({ tool, added, rows, faults, notRehearsed, durationMs }) =>
    notRehearsed === null
      ? join([
          `${count(added, 'migration')} (${tool}) rehearsed on ${count(rows, 'row')} in ${seconds(durationMs)}`,
          count(faults, 'fault'),
        ])
      : `migrations (${tool}) not rehearsed: ${notRehearsed}`,
  'api-compared': ({ breaking, dangerous, compatible }) =>
    `API compared with the base: ${breaking} breaking, ${dangerous} dangerous and ${compatible} compatible differences`,
  'tests-run': ({ when, tests }) =>
    `${testLabels[when]}: ${describeTests(tests)} in ${seconds(tests.durationMs)} (${tests.command})`,
  'coverage-measured': ({ lines, reached, durationMs }) =>
    `changed lines that run in tests: ${reached} of ${lines} in ${seconds(durationMs)}`,
  'queries-recorded': ({ tests, statements, repeated, unindexed, durationMs }) =>
    join([
      `${count(statements, 'statement')} of ${count(tests, 'test')} recorded in ${seconds(durationMs)}`,
      `${repeated} repeated, ${unindexed} without an index`,
    ]),
  'mutations-tried': ({ tried, noticed, untried, durationMs }) =>
    `small faults that the tests noticed: ${noticed} of ${tried}, ${untried} not tried, in ${seconds(durationMs)}`,
  'mcp-servers': ({ servers }) =>
    servers
      .map(({ name, tools, leftOut, fault }) =>
        join([
          `MCP server ${name}: ${fault ?? count(tools, 'tool')}`,
          leftOut.length > 0 && `tools left out: ${leftOut.join(', ')}`,
        ]),
      )
      .join('; '),
  'images-read': ({ read, unread }) =>
    join([
      `the agent gets ${count(read, 'image')}`,
      unread.length > 0 && `not read: ${unread.map(({ name, fault }) => `${name} (${fault})`).join(', ')}`,
    ]),
  asked: (event) =>
    `turn ${event.turn}: the model answered in ${seconds(event.durationMs)}, ${describeCost(event)}${event.droppedThinking ? ', without its earlier thinking, which the API refused' : ''}: ${event.said}`,
  'reply-abandoned': (event) =>
    `turn ${event.turn}: a reply of the model was abandoned, because ${endings[event.ending]}; it may have cost ${describeCost(event)}`,
  acted: ({ turn, tools, checkpoint, instructions }) =>
    join([
      `turn ${turn}: ${tools.map(describeTool).join('; ')}`,
      instructions.length > 0 && `instructions read: ${instructions.join(', ')}`,
      `checkpoint ${short(checkpoint)}`,
    ]),
  compacted: ({ turn, dollars }) =>
    `turn ${turn}: the conversation was shortened, because it became too long for the model${dollars === null ? '' : ` ($${dollars.toFixed(4)})`}`,
  'submission-returned': ({ turn, because }) => `turn ${turn}: submit returned: ${because.join('; ')}`,
  said: ({ by }) => `message from @${by}`,
  heard: ({ turn, hidden }) =>
    join([
      `the agent gets the message in turn ${turn + 1}`,
      hidden.length > 0 && `hidden from the agent: ${hidden.join('; ')}`,
    ]),
  'checks-failed': ({ head, failed, onBase }) =>
    join([
      `CI failed on ${short(head)}: ${failed.map(describeCheck).join(', ')}`,
      onBase.length > 0 && `also fails on the base: ${onBase.join(', ')}`,
    ]),
  'checks-answered': ({ answers }) => `CI failures answered: ${answers.map(describeAnswer).join('; ')}`,
  waiting: ({ reason, untilMs }) =>
    `waiting until ${new Date(untilMs).toISOString()} at the latest: ${reason}`,
  scanned: ({ blocked, marked, leftOut }) =>
    join([
      `change scanned; findings that block it: ${blocked}, findings for reviewers: ${marked}`,
      leftOut.length > 0 && `left out, because the tests or other tools wrote them: ${leftOut.join(', ')}`,
    ]),
  pushed: ({ branch, commit }) => `pushed ${short(commit)} to ${branch}`,
  'pull-request': ({ number, url, draft }) =>
    `opened or updated ${draft ? 'draft' : 'pull request'} #${number}: ${url}`,
  settled: ({ outcome }) => `ended: ${describeOutcome(outcome)}`,
};

/** Describes an event on one line. */
export function describeEvent<Type extends RunEvent['type']>(event: EventOf<Type>): string {
  return descriptions[event.type as Type](event);
}

function describeCost(event: EventOf<'asked' | 'reply-abandoned'>): string {
  const tokens = event.inputTokens + event.cacheWriteTokens + event.cacheReadTokens + event.outputTokens;
  const dollars = event.dollars === null ? '' : `, $${event.dollars.toFixed(4)}`;
  return `${count(tokens, 'token')}${dollars}`;
}

function describeTests(tests: EventOf<'tests-run'>['tests']): string {
  const { passed, failed, skipped, exitCode } = tests;
  const total = passed + failed + skipped;
  const hasEnded = tests.ended === 'exited' || (tests.ended === 'did-not-exit' && total > 0);
  if (!hasEnded) return `did not finish (${describeEnding(tests.ended)})`;
  return total === 0 ? `exit code ${exitCode}` : `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

function describeTool({ name, summary, ok, note, durationMs }: EventOf<'acted'>['tools'][number]): string {
  const end = [ok ? null : 'failed', note, seconds(durationMs)].filter(Boolean).join(', ');
  return `${name} ${summary} (${end})`;
}

function describeCheck({ name, unread }: EventOf<'checks-failed'>['failed'][number]): string {
  return unread ? `${name} (log not read: ${unread})` : name;
}

function describeAnswer({ name, done, text }: EventOf<'checks-answered'>['answers'][number]): string {
  return `${name} ${done ? 'fixed' : 'not fixed'} (${text})`;
}

function join(parts: (string | false)[]): string {
  return parts.filter(Boolean).join('; ');
}

function short(commit: string): string {
  return commit.slice(0, 10);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function count(number: number, thing: string): string {
  return `${number.toLocaleString('en')} ${thing}${number === 1 ? '' : 's'}`;
}
