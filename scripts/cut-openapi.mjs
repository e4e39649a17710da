// `node scripts/cut-openapi.mjs`: reduces GitHub's OpenAPI description to the operations that the local GitHub
// implements, and writes local-github/openapi/github.json, which is committed. The package with the description
// unpacks to 385 MB, so it is not a dependency; this script downloads it into a temporary folder.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const source = '@octokit/openapi@23.0.2';
const file = 'package/generated/api.github.com.json';
const target = fileURLToPath(new URL('../local-github/openapi/github.json', import.meta.url));

const operations = new Set([
  'apps/create-installation-access-token',
  'apps/get-authenticated',
  'apps/get-installation',
  'apps/get-repo-installation',
  'apps/get-webhook-delivery',
  'apps/list-installations',
  'apps/list-repos-accessible-to-installation',
  'apps/list-webhook-deliveries',
  'apps/redeliver-webhook-delivery',
  'actions/download-job-logs-for-workflow-run',
  'checks/create',
  'checks/get',
  'checks/list-annotations',
  'checks/list-for-ref',
  'checks/update',
  'git/get-ref',
  'issues/add-assignees',
  'issues/add-labels',
  'issues/create-comment',
  'issues/get',
  'issues/get-comment',
  'issues/list-comments',
  'issues/list-comments-for-repo',
  'issues/list-events',
  'issues/list-for-repo',
  'issues/remove-label',
  'issues/update-comment',
  'markdown/render',
  'pulls/create',
  'pulls/get',
  'pulls/list',
  'pulls/request-reviewers',
  'pulls/update',
  'rate-limit/get',
  'reactions/create-for-issue',
  'reactions/create-for-issue-comment',
  'reactions/list-for-issue-comment',
  'repos/get',
  'repos/get-branch',
  'repos/get-collaborator-permission-level',
  'repos/get-commit',
  'repos/get-content',
  'users/get-by-username',
]);

const full = readDescription();
const cut = {
  openapi: full.openapi,
  info: { title: full.info.title, version: full.info.version, license: full.info.license },
  paths: {},
  components: {},
};
const wanted = new Set(operations);
for (const [route, methods] of Object.entries(full.paths))
  for (const [method, operation] of Object.entries(methods))
    if (wanted.delete(operation.operationId)) {
      cut.paths[route] ??= {};
      cut.paths[route][method] = strip(operation);
    }
if (wanted.size > 0) throw new Error(`not in ${source}: ${[...wanted].join(', ')}`);
keepReferenced(cut);
const text = `${JSON.stringify(cut)}\n`;
writeFileSync(target, text);
console.log(`${path.relative(process.cwd(), target)}: ${operations.size} operations, ${text.length} bytes`);

function readDescription() {
  const folder = mkdtempSync(path.join(tmpdir(), 'pullwright-openapi-'));
  try {
    run('npm', ['pack', '--silent', source], folder);
    const archive = readdirSync(folder).find((name) => name.endsWith('.tgz'));
    run('tar', ['xzf', archive, file], folder);
    return JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(command, args, cwd) {
  const { status, error } = spawnSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? `exit code ${status}`}`);
}

/**
 * Keeps only the parts of a description that a validator reads. The keys in `properties` are the names of
 * properties, so all of them stay, even `description`. A nullable schema without a type becomes an `anyOf`
 * with null, because the validator accepts `nullable` only next to a type.
 */
function strip(node, namesAreKeys = false) {
  if (Array.isArray(node)) return node.map((item) => strip(item));
  if (node === null || typeof node !== 'object') return node;
  const kept = {};
  for (const [key, value] of Object.entries(node)) {
    const prose = [
      'description',
      'summary',
      'example',
      'examples',
      'externalDocs',
      'tags',
      'title',
      'default',
    ];
    if (!namesAreKeys && (key.startsWith('x-') || prose.includes(key))) continue;
    kept[key] =
      key === 'enum' || key === 'required' ? value : strip(value, !namesAreKeys && key === 'properties');
  }
  if (!namesAreKeys && kept.nullable === true && !kept.type && !kept.$ref) {
    delete kept.nullable;
    return { anyOf: [kept, { type: 'string', nullable: true, enum: [null] }] };
  }
  return kept;
}

/** Copies every component that the description refers to, directly or through other components. */
function keepReferenced(description) {
  const pending = references(description.paths);
  for (const reference of pending) {
    const [, , kind, name] = reference.split('/');
    if (description.components[kind]?.[name]) continue;
    description.components[kind] ??= {};
    description.components[kind][name] = strip(full.components[kind][name]);
    pending.push(...references(description.components[kind][name]));
  }
}

function references(node) {
  return [...JSON.stringify(node).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1]);
}
