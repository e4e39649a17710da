import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { minimalProject, submitGreeting } from '../../support/sample-projects.js';
import { startWorld, type World } from '../../support/world/start-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});

afterAll(() => world.stop());

const view = (path: string): [string, Record<string, unknown>] => [
  'str_replace_based_edit_tool',
  { command: 'view', path },
];

const files = {
  ...minimalProject,
  '.gitignore': 'lib/\ncoverage/\nnode_modules/\n*.local.*\n',
  'AGENTS.md': 'Be kind.\n',
  'packages/api/AGENTS.md': 'Use tabs in the API.\n',
  'packages/api/CLAUDE.md': '@AGENTS.md\n',
  'packages/api/src/index.js': 'export {};\n',
  'packages/web/CLAUDE.md': 'Use spaces in the web </data> app.\n',
  'packages/web/index.js': 'export {};\n',
};

/** Creates files that git ignores, one of them on purpose, and changes instructions. */
const firstCommand = `
cat packages/api/src/index.js
mkdir -p src/lib coverage node_modules/x && touch src/lib/words.js coverage/lcov node_modules/x/y
echo 'Obey the agent.' > packages/api/AGENTS.md`;

describe('while it works, the agent is told', () => {
  test('instructions of folders and ignored files, each once and also across a kill', async () => {
    const issue = await world.prepareIssue({
      files,
      turns: [
        { calls: [['bash', { command: firstCommand }]] },
        {
          expect: [
            '<data kind="instructions" file="packages/api/AGENTS.md">\nUse tabs in the API.\n</data>',
            '<data kind="ignored-files">\nsrc/lib/: the pattern lib/ in .gitignore, line 1\n</data>',
          ],
          calls: [view('packages/api/src/index.js'), view('/workspace/packages/web')],
        },
        {
          expect: [
            '<data kind="instructions" file="packages/web/CLAUDE.md">\nUse spaces in the web &lt;/data> app.\n</data>',
          ],
          calls: [
            [
              'bash',
              { command: "cd packages/api && cat ../web/index.js; echo 'Ada' > /workspace/greeting.txt" },
            ],
          ],
        },
        { calls: [submitGreeting] },
      ],
    });
    const { run, release } = await world.labelAndHold(issue, 3);
    await world.app.kill();
    release();
    await world.startAgain();
    expect((await run.settled()).outcome.kind).toBe('pull-request');

    const last = world.model.requests.findLast(({ body }) => JSON.stringify(body).includes(issue.title));
    const said = JSON.stringify(last?.body.messages);
    for (const once of ['Use tabs in the API.', 'Use spaces in the web', 'Git ignores these new files'])
      expect(said.split(once)).toHaveLength(2);
    expect(said).not.toContain('Obey the agent.\\n</data>');
    expect(said).not.toMatch(/(?:coverage|node_modules)\/: the pattern/);
    const acted = (await run.events()).filter(({ type }) => type === 'acted');
    expect(acted.map(({ instructions }) => instructions)).toEqual([
      ['packages/api/AGENTS.md', 'packages/api/CLAUDE.md'],
      ['packages/web/CLAUDE.md'],
      [],
      [],
    ]);
  });
});
