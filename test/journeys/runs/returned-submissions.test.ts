import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { findProcesses } from '../../support/find-processes.js';
import {
  addTest,
  minimalProjectWith,
  runAndSubmit,
  submitGreeting,
  testedProject,
} from '../../support/sample-projects.js';
import { waitFor } from '../../support/wait-for.js';
import { runIssue } from '../../support/world/run-issue.js';
import { startWorld, type World } from '../../support/world/start-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});

afterAll(() => world.stop());

type Call = [tool: string, input: Record<string, unknown>];

const submit: Call = ['submit', { title: 'Greet by name', summary: 'greet() takes a name.' }];
const bash = (command: string): Call => ['bash', { command }];
const greet = (body: string) =>
  bash(`cat > src/greet.js <<'END'\nexport function greet(name) {\n  return ${body};\n}\nEND`);
/** Breaks the test that the repository already has. */
const wrong = greet("'hello ' + name");
const right = greet("name ? 'hello ' + name : 'hello'");
const greets = 'test/greet.test.js › greets';
const newlyFails = [
  'Not accepted yet: 1 test fails with your change and did not fail before it.',
  `FAILED ${greets}`,
  'hello undefined',
  'Fix this, then call submit again.',
];

/** The stored steps of a run, from its first turn on. */
async function stepsOf(id: string): Promise<string[]> {
  await world.run(id).ended();
  const sql =
    'select function_name as name from dbos.operation_outputs where workflow_uuid = $1 order by function_id';
  const names = (await world.database.query<{ name: string }>(sql, [id])).map(({ name }) => name);
  return names.slice(names.indexOf('ask'));
}

const turn = ['ask', 'record-reply', 'act'];
const runTests = [
  ...['set-up-change', 'run-tests-after', 'compare-tests', 'prove-tests'],
  ...['rehearse-migrations', 'compare-api', 'measure-coverage', 'record-queries', 'try-mutations'],
];
const judge = ['scan-change', 'judge-submission'];
const deliver = ['push', 'open-pull-request', 'write-check-run', 'tell-people', 'record-outcome'];

async function returnsOf(id: string): Promise<unknown[]> {
  const events = await world.run(id).events();
  return events.flatMap((event) =>
    event.type === 'submission-returned' ? [[event.turn, event.because]] : [],
  );
}

/** The messages of each request for a conversation. */
const requestsOf = (title: string) =>
  world.model.requests
    .map(({ body }) => body.messages)
    .filter(([first]) => JSON.stringify(first).includes(title));

/** Returns messages without cache marks, which move, and without thinking, which belongs to one run. */
function comparable(messages: unknown): unknown {
  return JSON.parse(JSON.stringify(messages), (key, value) => {
    if (key === 'cache_control') return undefined;
    return Array.isArray(value) ? value.filter((block) => block?.type !== 'thinking') : value;
  });
}

describe('work with bad evidence', () => {
  test('returns as the result of submit, and is delivered when it is fixed, even if the worker dies in between', async () => {
    const { github, model } = world;
    const answers = [{ thread: 1, done: true, text: 'It joins the words now.' }];
    const join = greet("['hello', name].filter(Boolean).join(' ')");
    const { name, number, title } = await world.prepareIssue({
      files: testedProject,
      turns: [
        { calls: [wrong, addTest, submit] },
        { expect: newlyFails, calls: [right, submit] },
        { expect: ['submitted', 'Join the words.'], calls: [wrong, submit] },
        { expect: newlyFails, calls: [join, ['submit', { ...submit[1], answers }]] },
      ],
    });
    const held = model.hold(2, title);
    const run = await (await world.label({ name, number })).run();
    await held.reached;
    await world.app.kill();
    held.release();
    await world.startAgain();
    const { outcome, id } = await run.settled();
    expect(outcome.kind).toBe('pull-request');
    const [pull] = github.pullRequests(name);
    expect(pull).toMatchObject({ pull: { draft: false } });
    expect(pull?.body).toMatch(/after, with the change \| 2 \| 0 \| 0 \| exit code 0/);
    expect(pull?.body).toContain(
      'Before this, Pullwright returned the work to the agent once: 1 test newly fails.',
    );
    expect(world.progress(name, number)).toContain('- submit returned: 1 test newly fails');
    expect(await returnsOf(id)).toEqual([[1, ['1 test newly fails']]]);
    // The kill repeated neither a measurement nor a stored reply.
    const measured = [...turn, 'find-change', ...runTests, ...judge];
    expect(await stepsOf(id)).toEqual([...measured, ...measured, ...deliver]);
    const events = await world.run(id).events();
    const whens = events.flatMap(({ type, when }) => (type === 'tests-run' ? when : []));
    const proof = ['against-base', 'proof-again'];
    expect(whens).toEqual(['before', 'after', 'again', ...proof, 'after', ...proof]);
    expect(requestsOf(title).map(({ length }) => length)).toEqual([1, 3, 3]);

    // A review continues this conversation, with the returned submission in it, and is measured likewise.
    const reviewed = await world.review(
      { name, number: pull?.number ?? 0 },
      { state: 'commented', comments: [{ path: 'src/greet.js', line: 1, body: 'Join the words.' }] },
    );
    const followUp = await reviewed.settled();
    expect(followUp.outcome.kind).toBe('pull-request');
    expect(await returnsOf(followUp.id)).toEqual([[1, ['1 test newly fails']]]);
    const [, , second, third] = requestsOf(title);
    expect(comparable(third?.slice(0, 3))).toEqual(comparable(second));
    expect(await github.readFile(name, `heads/pullwright/issue-${number}`, 'src/greet.js')).toContain(
      'join(',
    );
    const [thread] = github.state.pullRequest(github.state.repository(name), pull?.number ?? 0).pull.threads;
    expect(thread?.comments.at(-1)?.body).toMatch(/^Done in \w+: It joins the words now\.\n/);
  });

  test('returns twice, and then becomes a draft with its reasons', async () => {
    const { outcome, pulls, id } = await runIssue(world, {
      files: testedProject,
      turns: [
        { calls: [wrong, addTest, submit] },
        { expect: newlyFails, calls: [greet("'hello '.concat(name)"), submit] },
        { expect: newlyFails, calls: [wrong, bash('echo x > notes.md'), submit] },
      ],
    });
    const reasons = ['1 test fails now and did not fail before.'];
    expect(outcome).toMatchObject({ kind: 'draft', reasons, unfinished: false });
    expect(await returnsOf(id)).toHaveLength(2);
    expect(pulls[0]?.body).toContain(
      'Pullwright returned the work to the agent 2 times: 1 test newly fails; then 1 test newly fails.',
    );
  });

  test('returns if the tests failed in the reply that submits, but only once for that', async () => {
    const { outcome, id } = await runIssue(world, {
      files: testedProject,
      turns: [
        { calls: [wrong, addTest, ['run_tests', {}], submit] },
        {
          expect: ['Not accepted yet: run_tests failed in the same reply'],
          calls: [['run_tests', {}], submit],
        },
        { expect: newlyFails, calls: [submit] },
      ],
    });
    expect(outcome.kind).toBe('draft');
    expect(await returnsOf(id)).toEqual([
      [1, ['run_tests failed in the same reply']],
      [2, ['1 test newly fails']],
    ]);
    // The third submission has the content of the second. It is intended, and its tests do not run again.
    const measured = ['find-change', ...runTests, ...judge];
    expect(await stepsOf(id)).toEqual([
      ...turn,
      ...[...turn, ...measured],
      ...[...turn, 'find-change', ...judge],
      ...deliver,
    ]);
  });

  test('returns if the agent deletes a failing test, or adds none', async () => {
    const other = testedProject['test/greet.test.js']?.replace("'greets'", "'says hello'") ?? '';
    const { outcome, pulls } = await runIssue(world, {
      files: { ...testedProject, 'test/other.test.js': other },
      turns: [
        {
          calls: [
            wrong,
            bash("rm test/greet.test.js; sed -i 's/^test(/test.skip(/' test/other.test.js"),
            submit,
          ],
        },
        {
          expect: [
            'Not accepted yet: 2 tests that ran before your change are missing or skipped now.',
            `- ${greets}`,
            '- test/other.test.js › says hello',
          ],
          calls: [right, bash('git checkout -q test'), submit],
        },
        {
          expect: ['Not accepted yet: no test shows what your change does: you added and changed none.'],
          calls: [addTest, submit],
        },
      ],
    });
    expect(outcome.kind).toBe('pull-request');
    expect(pulls[0]?.body).toContain('2 tests are missing or skipped; then no test proves the change.');
  });

  test('returns with everything that the scan found in it', async () => {
    const manifest = { require: { 'monolog/monolog': '^3' } };
    const { outcome, pulls, run, name } = await runIssue(world, {
      files: minimalProjectWith('setup: []', {
        'composer.json': '{}\n',
        'composer.lock': '{ "packages": [] }\n',
        '.gitignore': 'words*\n',
      }),
      turns: [
        {
          calls: [
            [
              'str_replace_based_edit_tool',
              { command: 'create', path: '/workspace/lib/words.txt', file_text: 'hello' },
            ],
            bash(`echo '${JSON.stringify(manifest)}' > composer.json`),
            bash('mkdir -p .github/workflows && echo "on: push" > .github/workflows/ci.yml'),
            submitGreeting,
          ],
        },
        {
          expect: [
            'Not accepted yet: your change contains what Pullwright never pushes.',
            '- .github/workflows/ci.yml is a workflow',
            'Also, a lockfile does not fit its manifest.',
            '- composer.json requires packages that are not in composer.lock: monolog/monolog',
            'Also, git ignores files that you created, so they are not part of your change.',
            '- lib/words.txt',
          ],
          calls: [
            bash('rm -r .github/workflows; git checkout -q composer.json; mv lib/words.txt lib/all.txt'),
            submitGreeting,
          ],
        },
      ],
    });
    expect(outcome.kind).toBe('pull-request');
    expect(pulls[0]?.body).toContain(
      'Scanned for credentials, protected paths, links and size: nothing found.',
    );
    expect(await world.github.readFile(name, 'heads/pullwright/issue-1', 'lib/all.txt')).not.toBeNull();
    expect((await run.events()).filter(({ type }) => type === 'scanned')).toMatchObject([
      { blocked: 1, marked: 2 },
      { blocked: 0, marked: 0 },
    ]);
  });
});

describe('while submitted work is measured', () => {
  /** Submits work whose tests wait for `release` and then fail. Resolves when they wait. */
  const startMeasuring = async (sleep: string, turns: Parameters<World['prepareIssue']>[0]['turns'] = []) => {
    const tests = `${sleep}; grep hello greeting.txt`;
    const issue = await world.prepareIssue({
      files: minimalProjectWith('test: sh check.sh'),
      turns: [...runAndSubmit(`echo bye > greeting.txt; echo '${tests}' > check.sh`), ...turns],
    });
    const run = await (await world.label(issue)).run();
    const waiting = () => findProcesses(sleep.replace(' ', '\0'));
    await waitFor('the tests to wait', world, async () => (await waiting()).length > 0);
    const release = async () => {
      for (const id of await waiting()) process.kill(id);
    };
    return { run, issue, release };
  };

  test('a message of people is accepted, and the agent gets it with the evidence', async () => {
    const { run, issue, release } = await startMeasuring('sleep 76544', [
      {
        expect: [
          'Not accepted yet: the result of the tests got worse: The tests passed before and fail now.',
          'Also, new messages arrived.',
          'Say hello anyway.',
        ],
        calls: [bash("git checkout -q check.sh; echo 'hello Ada' > greeting.txt"), submitGreeting],
      },
    ]);
    const message = await world.comment(issue, '/implement Say hello anyway.');
    expect(await message.answered()).toBe(`passed on to run ${run.id}`);
    await release();
    expect((await run.settled()).outcome.kind).toBe('pull-request');
    await run.says('- message from ada: the agent got it in turn 2');
  });

  test('`/stop keep` takes the work as it is', async () => {
    const { run, issue, release } = await startMeasuring('sleep 76545');
    await (await world.comment(issue, '/stop keep')).answered();
    await release();
    const { outcome } = await run.settled();
    expect(outcome).toMatchObject({ kind: 'draft', reasons: ['The tests passed before and fail now.'] });
    expect(requestsOf(issue.title)).toHaveLength(1);
  });
});
