import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type NpmRegistry, startNpmRegistry } from '../../support/npm-registry.js';
import { testedProject } from '../../support/sample-projects.js';
import { runIssue } from '../../support/world/run-issue.js';
import { startWorld, type World } from '../../support/world/start-world.js';

let registry: NpmRegistry;
let world: World;

beforeAll(async () => {
  registry = await startNpmRegistry([
    {
      name: 'shout',
      version: '2.0.0',
      manifest: { license: 'MIT', type: 'module', scripts: { postinstall: 'true' } },
      files: { 'index.js': 'export default (text) => text.toUpperCase();\n' },
    },
  ]);
  world = await startWorld({ EGRESS: 'registries', npm_config_registry: registry.url });
});

afterAll(async () => {
  await world.stop();
  await registry.stop();
});

const lockfile = {
  name: 'greeter',
  lockfileVersion: 3,
  requires: true,
  packages: { '': { name: 'greeter' } },
};
const lockedProject = {
  ...testedProject,
  '.gitignore': 'node_modules\n',
  'package-lock.json': `${JSON.stringify(lockfile, null, 2)}\n`,
};
const useShout = {
  command: `printf "import shout from 'shout';\\nexport function greet() {\\n  return 'hello';\\n}\\nexport const call = () => shout(greet());\\n" > src/greet.js
cat > test/call.test.js <<'END'
import assert from 'node:assert';
import { test } from 'node:test';
import shout from 'shout';
import { call } from '../src/greet.js';

test('calls', () => {
  assert.equal(call(), shout('hello'));
});
END`,
};
const submit = { title: 'Call', summary: 'call() shouts the greeting.' };

describe('dependencies', () => {
  test('the agent adds a package, the change is measured with it, and a follow-up run has it', async () => {
    const { github } = world;
    const { name, outcome, pulls } = await runIssue(world, {
      files: lockedProject,
      turns: [
        { calls: [['add_dependency', { packages: ['shout@^2.0.0'] }]] },
        {
          expect: [
            'Installed shout 2.0.0 (MIT, install scripts: postinstall).',
            'Changed package.json, package-lock.json.',
          ],
          calls: [
            ['bash', useShout],
            ['run_tests', {}],
          ],
        },
        { expect: ['2 passed, 0 failed'], calls: [['submit', submit]] },
        // The follow-up run, in a new clone.
        { calls: [['run_tests', {}]] },
        {
          expect: ['2 passed, 0 failed'],
          calls: [
            ['bash', { command: 'echo more > notes.txt' }],
            ['submit', submit],
          ],
        },
      ],
    });
    expect(outcome.kind).toBe('pull-request');
    const [pull] = pulls;
    expect(pull?.body).toMatch(/after, with the change \| 2 \| 0 \| 0 \| exit code 0/);
    expect(pull?.body).toMatch(
      /<summary>⚠️ Packages: 1 added<\/summary>\n\nRead by Pullwright from manifests and lockfiles and from what npm installed\.\n\n- added `shout` `2\.0\.0` in `package\.json`: license MIT, \d+ B, ⚠️ install scripts: `postinstall`, which had no network access here\n/,
    );
    // On the base code, the package is there, so the test fails for the right reason.
    expect(pull?.body).toMatch(/pass with it\*\* \(1\)\n\n- `test\/call\.test\.js/);
    expect(await github.readFile(name, `heads/${pull?.pull.head}`, 'package-lock.json')).toContain(
      'https://registry.npmjs.org/shout/-/shout-2.0.0.tgz',
    );

    const number = pull?.number ?? 0;
    const review = { state: 'changes_requested' as const, body: 'Say more in the notes.' };
    const asked = await world.review({ name, number }, review);
    expect((await asked.settled()).outcome.kind).toBe('pull-request');
  });

  test('packages that cannot be installed make a draft that says why', async () => {
    const { outcome, pulls } = await runIssue(world, {
      files: lockedProject,
      turns: [
        {
          calls: [
            ['add_dependency', { packages: ['https://example.org/x.tgz'] }],
            [
              'bash',
              {
                command: `sed -i 's/"type"/"dependencies": { "x": "git+ssh:\\/\\/example.org\\/x" },\\n  "type"/' package.json`,
              },
            ],
          ],
        },
        {
          expect: ['Expected the name of a registry package', 'found https://example.org/x.tgz'],
          calls: [['submit', submit]],
        },
        // The same content again counts as intended.
        { expect: ['the packages of your change have faults'], calls: [['submit', submit]] },
      ],
    });
    const reason =
      'The packages of this change could not be downloaded: package.json asks for a package from git+ssh://example.org/x, and only packages from the registry can be added.';
    expect(outcome).toMatchObject({
      kind: 'draft',
      reasons: [reason, 'The tests could not be run on this change.'],
    });
    expect(pulls[0]?.body).toContain('This is a draft. The packages of this change could not be downloaded');
    expect(pulls[0]?.body).toContain(
      '- added `x` `git+ssh://example.org/x` in `package.json`: not installed',
    );
  });
});
