import { z } from 'zod';
import { efforts } from './effort.js';
import { Outcome } from './outcome.js';

const tests = z.object({
  command: z.string(),
  runner: z.string(),
  passed: z.number(),
  failed: z.number(),
  skipped: z.number(),
  /** Number of test files that could not be loaded. */
  unloaded: z.number().default(0),
  exitCode: z.number().nullable(),
  ended: z.string(),
  durationMs: z.number(),
});

/**
 * Why a reply of the model was abandoned. `silent`: nothing arrived for too long. `late`: it took too long in
 * total. `cut`: it broke off. `stopped`: people stopped the run. `lost`: the worker died.
 */
export const Abandonment = z.enum(['silent', 'late', 'cut', 'stopped', 'lost']);
export type Abandonment = z.infer<typeof Abandonment>;

/**
 * One thing that happened in a run. A run's events record everything that the run does, in order. The
 * progress comment, the command line and the tests read these events. The events contain no secrets, and only
 * short summaries of the model's text.
 */
export const RunEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('accepted'), by: z.string(), trigger: z.string() }),
  z.object({ type: z.literal('queued'), ahead: z.number() }),
  z.object({ type: z.literal('held'), reason: z.string() }),
  z.object({
    type: z.literal('started'),
    worker: z.string(),
    /** A human-readable warning. Set if commands run without a sandbox. */
    warning: z.string().optional(),
  }),
  z.object({
    type: z.literal('task-read'),
    base: z.string(),
    commit: z.string(),
    agent: z.string(),
    agentReason: z.string().default(''),
    model: z.string(),
    effort: z.enum(efforts).nullable(),
    hidden: z.array(z.string()),
    /** What the run may use at most; dollars are null if the model has no known price. */
    budget: z.object({ turns: z.number(), dollars: z.number().nullable() }).optional(),
  }),
  z.object({
    type: z.literal('set-up'),
    ok: z.boolean(),
    commands: z.array(z.string()),
    durationMs: z.number(),
    refusedHosts: z.array(z.string()),
    /** What the repository's tests need, and which file says so. */
    found: z.array(z.string()).default([]),
    /** What this machine provides of it, one sentence each. */
    provided: z.array(z.string()).default([]),
    /** What it cannot provide, and what could not be understood, one sentence each. */
    missing: z.array(z.string()).default([]),
  }),
  /** The project was set up with the packages that the change asks for. */
  z.object({
    type: z.literal('change-set-up'),
    commit: z.string(),
    ok: z.boolean(),
    managers: z.array(z.string()),
    /** Number of packages that manifests of the change add, update or remove. */
    packages: z.number(),
    durationMs: z.number(),
    refusedHosts: z.array(z.string()),
  }),
  /** The migrations of the change were rehearsed on a database, or could not be. */
  z.object({
    type: z.literal('migrations-rehearsed'),
    commit: z.string(),
    tool: z.string(),
    /** Number of migrations that the change adds. */
    added: z.number(),
    /** Number of rows in the database before them. */
    rows: z.number(),
    faults: z.number(),
    /** Why they were not rehearsed, as a clause; null if they were. */
    notRehearsed: z.string().nullable(),
    durationMs: z.number(),
  }),
  /** The API that files describe was compared with that of the base commit. The numbers are differences. */
  z.object({
    type: z.literal('api-compared'),
    commit: z.string(),
    breaking: z.number(),
    dangerous: z.number(),
    compatible: z.number(),
  }),
  z.object({
    type: z.literal('tests-run'),
    /**
     * `again` repeats newly failing tests, `before-again` mended ones on the base code, and `proof-again`
     * those that seem to prove the change.
     * `against-base` runs the change's tests on the base code, and `without-data` does so without samples and
     * other data of the change.
     */
    when: z.enum([
      ...['before', 'after', 'again', 'before-again'],
      ...['against-base', 'without-data', 'proof-again'],
    ] as const),
    tests,
  }),
  /** The tests ran once more, to find the changed lines that they run. */
  z.object({
    type: z.literal('coverage-measured'),
    commit: z.string(),
    lines: z.number(),
    reached: z.number(),
    durationMs: z.number(),
  }),
  /** Postgres recorded the statements of tests. See `Queries` for what `repeated` and `unindexed` count. */
  z.object({
    type: z.literal('queries-recorded'),
    commit: z.string(),
    tests: z.number(),
    statements: z.number(),
    repeated: z.number(),
    unindexed: z.number(),
    durationMs: z.number(),
  }),
  /** The tests ran with small faults in the changed lines. */
  z.object({
    type: z.literal('mutations-tried'),
    commit: z.string(),
    tried: z.number(),
    noticed: z.number(),
    /** Number of mutations for which there was no time, or that could not be tried. */
    untried: z.number(),
    durationMs: z.number(),
  }),
  /** The MCP servers that the agent requests. */
  z.object({
    type: z.literal('mcp-servers'),
    servers: z.array(
      z.object({
        name: z.string(),
        tools: z.number(),
        /** Tools that the model did not get, each with the reason. */
        leftOut: z.array(z.string()),
        /** Why the server cannot be used, as words after its name and a colon; null if it can be used. */
        fault: z.string().nullable(),
      }),
    ),
  }),
  /** The images in people's texts. */
  z.object({
    type: z.literal('images-read'),
    /** Number of images that the agent got. */
    read: z.number(),
    /** The other images, each with the reason in a few words. */
    unread: z.array(z.object({ name: z.string(), fault: z.string() })),
  }),
  z.object({
    type: z.literal('asked'),
    turn: z.number(),
    inputTokens: z.number(),
    cacheWriteTokens: z.number(),
    cacheWrite1hTokens: z.number(),
    cacheReadTokens: z.number(),
    outputTokens: z.number(),
    dollars: z.number().nullable(),
    durationMs: z.number(),
    /** The beginning of the model's text or of a summary of its thinking, at most 200 characters. */
    said: z.string(),
    /** Set if the API refused the thinking of earlier turns, so that the model replied without it. */
    droppedThinking: z.literal(true).optional(),
  }),
  /** A reply was abandoned. The tokens and the dollars are estimates of what the API bills for it. */
  z.object({
    type: z.literal('reply-abandoned'),
    turn: z.number(),
    /** What the model was asked for. */
    purpose: z.enum(['reply', 'choice', 'cache', 'summary']),
    /** Number of the request among those for the same purpose, from 1. */
    attempt: z.number(),
    ending: Abandonment,
    inputTokens: z.number(),
    cacheWriteTokens: z.number(),
    cacheWrite1hTokens: z.number(),
    cacheReadTokens: z.number(),
    outputTokens: z.number(),
    dollars: z.number().nullable(),
  }),
  z.object({
    type: z.literal('acted'),
    turn: z.number(),
    tools: z.array(
      z.object({
        name: z.string(),
        summary: z.string(),
        ok: z.boolean(),
        note: z.string().optional(),
        durationMs: z.number(),
      }),
    ),
    checkpoint: z.string(),
    /** Instruction files of folders that the agent touched for the first time in this turn. It got them. */
    instructions: z.array(z.string()).default([]),
  }),
  /** The conversation nearly filled the model's context, so a summary took the place of its beginning. */
  z.object({ type: z.literal('compacted'), turn: z.number(), dollars: z.number().nullable() }),
  /**
   * The agent submitted its work, and the bot returned it because of what was measured. `because` says what
   * was wrong. Each entry is a clause, such as `2 tests newly fail`.
   */
  z.object({ type: z.literal('submission-returned'), turn: z.number(), because: z.array(z.string()) }),
  /** Someone sent a message to the run while it worked. */
  z.object({ type: z.literal('said'), by: z.string() }),
  /**
   * The agent received one message from a person, together with the results of this turn. The agent receives
   * messages in the order in which they were sent.
   */
  z.object({ type: z.literal('heard'), turn: z.number(), hidden: z.array(z.string()) }),
  /** Runs for other reviews of the same person, which this run answers, too. */
  z.object({ type: z.literal('reviews-joined'), runs: z.array(z.string()) }),
  /** The repository's CI failed on the bot's commit. */
  z.object({
    type: z.literal('checks-failed'),
    head: z.string(),
    failed: z.array(
      z.object({
        name: z.string(),
        /** Why the check's log could not be read. Null if the log was read, or if there is none. */
        unread: z.string().nullable(),
      }),
    ),
    /** Checks that also fail on the base branch. The run does not fix them. */
    onBase: z.array(z.string()),
  }),
  /** What the agent did about each failed check, in the order of the event `checks-failed`. */
  z.object({
    type: z.literal('checks-answered'),
    answers: z.array(z.object({ name: z.string(), done: z.boolean(), text: z.string() })),
  }),
  z.object({ type: z.literal('waiting'), reason: z.string(), untilMs: z.number() }),
  z.object({
    type: z.literal('scanned'),
    blocked: z.number(),
    marked: z.number(),
    /**
     * Paths that differ in the agent's tree and are not in the change, because running something wrote them.
     */
    leftOut: z.array(z.string()).default([]),
  }),
  z.object({ type: z.literal('pushed'), branch: z.string(), commit: z.string() }),
  z.object({ type: z.literal('pull-request'), number: z.number(), url: z.string(), draft: z.boolean() }),
  z.object({ type: z.literal('settled'), outcome: Outcome }),
]);
export type RunEvent = z.infer<typeof RunEvent>;

/** An event and the time when it was recorded. */
export interface RecordedEvent {
  at: Date;
  event: RunEvent;
}

/** Returns the newest event of a type; undefined if there is none. */
export function lastEvent<Type extends RunEvent['type']>(
  events: readonly RecordedEvent[],
  type: Type,
): Extract<RunEvent, { type: Type }> | undefined {
  return events
    .map(({ event }) => event)
    .findLast((event): event is Extract<RunEvent, { type: Type }> => event.type === type);
}

/**
 * Returns the key that identifies an event within its run. If the event has a turn or an attempt, the key
 * contains it. An event that has neither and can occur several times needs another key.
 */
export function eventKey(event: RunEvent): string {
  if (event.type === 'reply-abandoned')
    return `${event.type}-${event.turn}-${event.purpose}-${event.attempt}`;
  return 'turn' in event ? `${event.type}-${event.turn}` : event.type;
}
