import path from 'node:path';
import { expect, test } from '@jest/globals';
import { runOnFiles } from './plant-files.js';

const cruise = (files: Record<string, string>) =>
  runOnFiles(files, 'depcruise', ['--config', path.resolve('.dependency-cruiser.cjs'), 'src']);

const one = 'export const one = 1;\nexport type One = number;\n';
const imports = (from: string) => `import { one } from '${from}';\nexport const two = one + 1;\n`;
const importsAndExports = (from: string) => `${imports(from)}export { one };\n`;
const importsType = (from: string) =>
  `import type { One } from '${from}';\nexport const one = 1;\nexport type Two = One;\nexport type { One };\n`;

test('imports that the rules allow pass', async () => {
  const { exitCode, output } = await cruise({
    'src/text/sanitize.ts': one,
    'src/secrets/find-secrets.ts': imports('./looks-random.js'),
    'src/secrets/looks-random.ts': one,
    'src/github/clients.ts':
      "import { Octokit } from '@octokit/rest';\nexport const client = new Octokit();\n",
    'src/workflows/story.ts': imports('../text/sanitize.js'),
    'src/composition/workflows.ts': "import { two } from '../workflows/story.js';\nexport default two;\n",
  });
  expect(output).toContain('no dependency violations found');
  expect(exitCode).toBe(0);
});

test.each<[rule: string, files: Record<string, string>]>([
  ['no-circle', { 'src/task/a.ts': importsType('./b.js'), 'src/task/b.ts': importsType('./a.js') }],
  [
    'no-circle',
    { 'src/task/a.ts': importsAndExports('./b.js'), 'src/task/b.ts': importsAndExports('./a.js') },
  ],
  [
    'text-imports-only-its-modules',
    { 'src/text/sanitize.ts': imports('../workflows/story.js'), 'src/workflows/story.ts': one },
  ],
  [
    'text-imports-only-its-modules',
    { 'src/text/sanitize.ts': importsType('../task/task.js'), 'src/task/task.ts': one },
  ],
  [
    'agent-imports-only-its-modules',
    { 'src/agent/loop.ts': imports('../database/runs.js'), 'src/database/runs.ts': one },
  ],
  [
    'secrets-is-entered-by-its-door',
    { 'src/evidence/evidence.ts': imports('../secrets/looks-random.js'), 'src/secrets/looks-random.ts': one },
  ],
  [
    'secrets-is-entered-by-its-door',
    { 'src/workflows/story.ts': imports('../secrets/looks-random.js'), 'src/secrets/looks-random.ts': one },
  ],
  [
    'evidence-is-entered-by-its-door',
    { 'src/workflows/story.ts': imports('../evidence/scan/rules.js'), 'src/evidence/scan/rules.ts': one },
  ],
  [
    'evidence-is-entered-by-its-door',
    { 'src/workflows/story.ts': imports('../evidence/runners/go.js'), 'src/evidence/runners/go.ts': one },
  ],
  [
    'log-goes-only-where-something-is-logged',
    { 'src/task/task.ts': imports('../log.js'), 'src/log.ts': one },
  ],
  [
    'workflows-are-composed-only-in-composition',
    { 'src/cli/show.ts': imports('../workflows/story.js'), 'src/workflows/story.ts': one },
  ],
  [
    'only-the-entry-points-import-composition',
    { 'src/cli/show.ts': imports('../composition/main.js'), 'src/composition/main.ts': one },
  ],
  [
    'octokit-only-in-github',
    { 'src/workflows/story.ts': "import type { Octokit } from '@octokit/rest';\nexport type O = Octokit;\n" },
  ],
  [
    'mcp-sdk-only-in-mcp',
    {
      'src/agent/story.ts':
        "import type { Client } from '@modelcontextprotocol/client';\nexport type C = Client;\n",
    },
  ],
  [
    'anthropic-only-in-agent-and-model',
    { 'src/workflows/story.ts': "import Anthropic from '@anthropic-ai/sdk';\nexport const A = Anthropic;\n" },
  ],
])('the rule %s finds what it forbids', async (rule, files) => {
  const { exitCode, output } = await cruise(files);
  expect(output).toMatch(new RegExp(`error ${rule}: `));
  expect(exitCode).toBeGreaterThan(0);
});
