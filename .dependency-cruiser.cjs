/**
 * The rules of the modules in src/. A module is a folder. Imports of types count like any other.
 *
 * TypeScript 7 has no API that dependency-cruiser could use, so swc parses the sources.
 */

/** The modules that a module may import. What is not listed here, a module must not import. */
const mayImport = {
  // These know nothing of the product.
  sandbox: [],
  secrets: [],
  text: [],
  // Types and pure rules.
  runs: ['task'],
  task: ['runs'],
  // What a repository needs, and what this machine provides of it.
  environment: ['task'],
  services: ['environment', 'sandbox', 'workspace'],
  toolchains: ['environment', 'sandbox', 'workspace'],
  // One kind of outside world each.
  config: ['runs', 'sandbox', 'task'],
  database: ['config', 'runs', 'sandbox', 'task'],
  engine: ['database', 'runs'],
  github: ['runs', 'sandbox', 'task', 'workspace'],
  images: ['runs', 'text'],
  workspace: ['environment', 'runs', 'sandbox', 'task'],
  webhooks: ['config', 'github', 'runs', 'task', 'text', 'workflows'],
  // The work itself.
  evidence: ['environment', 'runs', 'sandbox', 'secrets', 'task', 'text', 'workspace'],
  mcp: ['runs', 'sandbox', 'task'],
  databases: ['sandbox', 'workspace'],
  migrations: ['databases', 'environment', 'evidence', 'sandbox', 'task', 'workspace'],
  model: ['runs'],
  agent: ['mcp', 'model', 'evidence', 'packages', 'runs', 'sandbox', 'task', 'text', 'workspace'],
  packages: ['environment', 'evidence', 'sandbox', 'workspace'],
  queries: ['databases', 'evidence'],
  messages: ['evidence', 'github', 'runs', 'task', 'text', 'workspace'],
  // Only workflows put the others together; only composition builds objects.
  workflows: [
    'agent',
    'config',
    'database',
    'engine',
    'environment',
    'evidence',
    'github',
    'images',
    'mcp',
    'messages',
    'migrations',
    'model',
    'packages',
    'queries',
    'runs',
    'secrets',
    'task',
    'text',
    'webhooks',
    'workspace',
  ],
};

/** A module's door: the only files that other modules may import. Modules without an entry are open. */
const doors = {
  sandbox: ['sandbox'],
  secrets: ['find-secrets'],
  text: ['sanitize', 'untrusted-text', 'parse-markdown', 'clean-log', 'strip-escapes'],
  database: ['[^/]+', 'connection/(?:open-database|in-transaction|guard-pool)', 'model/[^/]+'],
  engine: ['engine', 'steps', 'workflow', 'queue', 'lease', 'periodic-job', 'delete-expired-workflows'],
  workspace: ['workspace', 'mirrors/open-mirrors', 'open-workspaces', 'provision'],
  environment: ['environment', 'describe-environment', 'repository-tree', 'is-test-command'],
  services: ['services'],
  toolchains: ['toolchains'],
  github: [
    'github',
    'attachment-address',
    'issues',
    'comments',
    'pulls',
    'reviews',
    'checks',
    'permissions',
    'repositories',
    'webhook-deliveries',
    'until-aborted',
  ],
  packages: ['add-packages', 'set-up-change', 'ecosystem'],
  migrations: ['rehearse-migrations', 'find/find-migrations'],
  databases: ['run-sql'],
  queries: ['record-queries', 'compare-queries'],
  evidence: [
    'evidence',
    'api/compare-api',
    'migration-evidence',
    'query-evidence',
    'record-windows',
    'commands/find-commands',
    'commands/describe-project',
    'run-tests',
    'run-suites',
    'count-cases',
    'find-baseline-fault',
    'compare-tests',
    'proof/prove-tests',
    'proof/sort-changes',
    'judge-change',
    'runners/node/package-manager',
    'find-faults',
    'find-left-behind',
    'describe-gaps',
    'changed-lines/[^/]+',
    'mutations/[^/]+',
    'scan/scan-change',
    'scan/scan-secrets',
  ],
  config: ['read-config', 'find-other-secrets'],
  images: ['find-images', 'image-encoder'],
  mcp: ['mcp-servers'],
};

const names = Object.keys(mayImport);
const anyOf = (words) => `(?:${words.join('|')})`;

module.exports = {
  forbidden: [
    {
      name: 'no-circle',
      comment: 'Two files that need each other, if only for a type, are one thing or hide a third',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...names.map((name) => ({
      name: `${name}-imports-only-its-modules`,
      severity: 'error',
      from: { path: `^src/${name}/` },
      to: {
        path: `^src/`,
        pathNot: `^src/(?:(?:log|refuse-redirect)\\.ts$|${anyOf([name, ...mayImport[name]])}/)`,
      },
    })),
    ...Object.entries(doors).map(([name, files]) => ({
      name: `${name}-is-entered-by-its-door`,
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/${name}/` },
      to: { path: `^src/${name}/`, pathNot: `^src/${name}/${anyOf(files)}\\.ts$` },
    })),
    {
      name: 'log-goes-only-where-something-is-logged',
      comment: 'text, secrets, sandbox, task and runs return what there is to say',
      severity: 'error',
      from: { path: '^src/(?:text|secrets|sandbox|task|runs|evidence|messages)/' },
      to: { path: '^src/log\\.ts$' },
    },
    {
      name: 'workflows-are-composed-only-in-composition',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(?:composition|workflows)/|^src/main\\.ts$' },
      to: { path: '^src/workflows/', pathNot: '^src/workflows/obey-command/commands\\.ts$' },
    },
    {
      name: 'only-the-entry-points-import-composition',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(?:composition/|main\\.ts$)' },
      to: { path: '^src/composition/' },
    },
    {
      name: 'octokit-only-in-github',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/github/' },
      to: { path: '^@octokit/|node_modules/@octokit/' },
    },
    {
      name: 'mcp-sdk-only-in-mcp',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/mcp/' },
      to: { path: '^@modelcontextprotocol/|node_modules/@modelcontextprotocol/' },
    },
    {
      name: 'sharp-only-in-images',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/images/' },
      to: { path: '^sharp$|node_modules/sharp/' },
    },
    {
      name: 'anthropic-only-in-agent-and-model',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(?:agent|model)/' },
      to: { path: '^@anthropic-ai/|node_modules/@anthropic-ai/' },
    },
    {
      name: 'optional-sdks-only-in-model-providers',
      comment: 'These packages may be missing. Only their loader may name them, so that it can say so',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/model/providers/' },
      to: { path: '@anthropic-ai/(?:bedrock|vertex|foundry)-sdk|@azure/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    parser: 'swc',
  },
};
