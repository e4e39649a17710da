import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { minimalProject, runAndSubmit, solveMinimalProject } from '../../support/sample-projects.js';
import { createTemporaryFolder } from '../../support/temporary-folder.js';
import { runIssue } from '../../support/world/run-issue.js';
import { startWorld, type World } from '../../support/world/start-world.js';

let world: World;
let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;

beforeAll(async () => {
  folder = await createTemporaryFolder();
  const priceFile = path.join(folder.path, 'prices.yml');
  await writeFile(
    priceFile,
    `models:
  - id: claude-opus-5-5
    aliases: [sonnet]
    prices:
      - { input: 1000, output: 1000, cacheWrite5m: 1000, cacheWrite1h: 1000, cacheRead: 1000 }
`,
  );
  world = await startWorld({
    PULLWRIGHT_PRICES: priceFile,
    REPOSITORY_AGENTS: 'allow',
    BUDGET_DOLLARS: '1000',
    LIMITS_SERVER: 'runs=200',
  });
});

afterAll(async () => {
  await world.stop();
  await folder.remove();
});

const painted = (model: string) => ({
  ...minimalProject,
  '.claude/agents/painter.md': `---\nname: painter\ndescription: paints\nmodel: ${model}\n---\nYou paint.\n`,
});

async function command(words: string, files: Record<string, string>) {
  const issue = await world.prepareIssue({ files, turns: solveMinimalProject });
  const settled = await (await world.comment(issue, words)).settled();
  const requests = world.model.requests.filter(({ body }) =>
    JSON.stringify(body.messages[0]).includes(issue.title),
  );
  return { ...issue, ...settled, requests, comment: world.progress(issue.name, issue.number) };
}

test("the operator's price file decides what an alias means and what a run costs", async () => {
  const { outcome, run } = await runIssue(world, { files: minimalProject, turns: solveMinimalProject });
  expect(outcome.kind).toBe('pull-request');
  const [spend] = await world.database.query<Record<string, number | string>>(
    `select model, dollars::float, (input_tokens + cache_write_tokens + cache_read_tokens + output_tokens)::int as tokens
      from pullwright.spend where run_id = $1`,
    [run.id],
  );
  expect(spend?.model).toBe('claude-opus-5-5');
  expect(Number(spend?.tokens)).toBeGreaterThan(1000);
  expect(spend?.dollars).toBeCloseTo(Number(spend?.tokens) / 1000, 5);
});

test("a repository's own agent whose model has no known price is refused, and people read why", async () => {
  const { outcome, comment, requests } = await command('/implement @painter', painted('gpt-5'));
  expect(outcome).toMatchObject({ kind: 'refusal', reason: { kind: 'unpriced-model', model: 'gpt-5' } });
  expect(comment).toContain(
    'The agent "painter" (.claude/agents/painter.md) uses the model "gpt-5". This server does not know the price',
  );
  expect(requests).toEqual([]);
});

test("a repository's own agent can use any model with a known price", async () => {
  const { outcome, requests } = await command('/implement @painter', painted('haiku[1m]'));
  expect(outcome.kind).toBe('pull-request');
  expect(requests.map(({ body }) => body.model)).toEqual(['claude-haiku-5-5']);
});

test('the effort of a request reaches the model and people, and a follow-up keeps it', async () => {
  const first = await command('/implement --effort low Mind the name.', minimalProject);
  expect(first.outcome.kind).toBe('pull-request');
  expect(first.comment).toContain('model `claude-opus-5-5`, effort low');
  const [{ body } = { body: null }] = first.requests;
  expect(body).toMatchObject({ output_config: { effort: 'low' }, max_tokens: 128_000 });
  expect(JSON.stringify(body)).not.toContain('--effort');
  expect(await world.run(first.id).events()).toContainEqual(
    expect.objectContaining({ type: 'task-read', effort: 'low' }),
  );

  const number = world.github.pullRequests(first.name)[0]?.number ?? 0;
  world.model.script({
    when: first.title,
    turns: [...solveMinimalProject, ...runAndSubmit("echo 'hello Bob' > greeting.txt")],
  });
  const change = await world.comment({ name: first.name, number }, '/implement Greet Bob.');
  expect((await change.settled()).outcome.kind).toBe('pull-request');
  expect(world.model.requests.at(-1)?.body).toMatchObject({ output_config: { effort: 'low' } });
});

test('an effort that does not exist is answered with the ones that do', async () => {
  const issue = await world.prepareIssue({ files: minimalProject });
  const asked = await world.comment(issue, '/implement --effort extreme');
  await asked.reply(
    'I cannot use the command\'s `--effort`: expected one of low, medium, high, xhigh, max; found "extreme".',
  );
});

test("an effort that the agent's model does not accept is refused where it was written", async () => {
  const files = { ...painted('claude-sonnet-4-6'), '.github/pullwright.yml': 'effort: xhigh\n' };
  const { outcome, comment } = await command('/implement @painter', files);
  expect(outcome).toMatchObject({ kind: 'refusal', reason: { kind: 'invalid-effort' } });
  expect(comment).toContain(
    'I cannot use `effort` in .github/pullwright.yml: expected one of low, medium, high, max for the model claude-sonnet-4-6',
  );
});

test('the server does not start with a model whose price is not known, unless the operator allows it', async () => {
  await world.app.stop();
  await expect(world.startAgain({ PULLWRIGHT_MODEL: 'claude-next' })).rejects.toThrow(
    /exit code 78[\s\S]*PULLWRIGHT_MODEL: expected sonnet, .* found "claude-next"\. Add its price to .* or set UNPRICED_MODELS=allow/,
  );
  await world.startAgain({ PULLWRIGHT_MODEL: 'claude-next', UNPRICED_MODELS: 'allow' });
  const { outcome } = await command('/implement @painter', painted('gpt-5'));
  expect(outcome).toMatchObject({ kind: 'refusal', reason: { kind: 'unpriced-model' } });
});
