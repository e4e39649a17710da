import { homedir } from 'node:os';
import path from 'node:path';
import { backendNames } from '../sandbox/sandbox.js';
import { secret, setting } from './setting.js';
import {
  amount,
  folder,
  hosts,
  hostsOfRepositories,
  httpUrl,
  labels,
  limits,
  list,
  matching,
  milliseconds,
  oneOf,
  repositories,
  text,
  wholeNumber,
} from './values.js';

/** Passwords that everybody knows. Probot falls back to the first one. */
const knownSecrets = new Set([
  'development',
  'changeme',
  'password',
  'webhook-secret',
  'your-webhook-secret',
]);

/**
 * Every environment variable of Pullwright: the property of Config that it becomes, its name, its kind of
 * value, and the value that it has when it is not set. This table is the only list of them in the code;
 * docs/configuration.md explains them to operators, and a test compares the two.
 */
export const environment = {
  /** The App ID. */
  appId: setting('APP_ID', wholeNumber("the App ID from the App's settings page")),
  /** Signs webhooks. */
  webhookSecret: secret(
    'WEBHOOK_SECRET',
    text('the secret that the App signs its webhooks with').refine(
      (value) => value.length >= 8 && !knownSecrets.has(value.toLowerCase()),
      { error: 'a secret of at least 8 characters that nobody can guess (try: openssl rand -hex 32)' },
    ),
  ),
  anthropicApiKey: secret('ANTHROPIC_API_KEY', text('your key for the Claude API')),
  anthropicBaseUrl: secret('ANTHROPIC_BASE_URL', httpUrl('an http:// or https:// URL').optional()),

  /** The address that the web server listens on. */
  host: setting('HOST', text('an address to listen on'), '0.0.0.0'),
  /** 0: any free port. */
  port: setting('PORT', wholeNumber('a port, 0 to 65535', { least: 0, most: 65_535 }), '3000'),
  /** Whoever knows the URL of a channel can read its webhooks. */
  webhookProxyUrl: secret(
    'WEBHOOK_PROXY_URL',
    httpUrl('the http:// or https:// URL of a webhook proxy channel').optional(),
  ),
  logLevel: setting('LOG_LEVEL', oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal'), 'info'),

  /** Null: Pullwright starts its own Postgres under `home`. */
  databaseUrl: secret(
    'DATABASE_URL',
    matching(/^postgres(ql)?:\/\//, 'a postgresql:// URL').nullable(),
    null,
  ),
  /** Folder of the mirrors, the runs' workspaces and the embedded Postgres. An absolute path. */
  home: setting('PULLWRIGHT_HOME', folder(), defaultHome),
  /** How long runs and their events are kept. */
  keepDays: setting('KEEP_DAYS', wholeNumber('a number of days, 1 or more'), '90'),
  /** Disk space for all mirrors together. */
  mirrorsGb: setting('MIRRORS_GB', amount('gigabytes'), '20'),

  /** Folder with agent files. An absolute path. */
  agentsFolder: setting('PULLWRIGHT_AGENTS', folder(), bundledAgents),
  /** Model alias or id for agents whose file names none. */
  model: setting('PULLWRIGHT_MODEL', text('a model alias or id'), 'sonnet'),
  /** Label -> agent name. */
  labels: setting('PULLWRIGHT_LABELS', labels(), 'backend=backend-developer'),
  repositoryAgents: {
    /** Whether agents that a repository defines are used. */
    allowed: setting(
      'REPOSITORY_AGENTS',
      oneOf('none', 'allow').transform((value) => value === 'allow'),
      'none',
    ),
    /** The tools that these agents may have; null: all. */
    tools: setting(
      'REPOSITORY_AGENT_TOOLS',
      list().transform((tools) => (tools.length > 0 ? tools : null)),
      '',
    ),
  },
  /** Globs of paths that no agent may change. */
  protectedPaths: setting('PROTECTED_PATHS', list(), ''),

  /** Runs at the same time in this process. */
  concurrency: setting('PULLWRIGHT_CONCURRENCY', wholeNumber('a number of runs, 1 or more'), '2'),
  /** After this long without a heartbeat, the other workers consider a worker dead and take over its runs. */
  workerDeadAfterMs: setting('WORKER_DEAD_AFTER_SECONDS', milliseconds('seconds'), '30'),
  /** If the model's answer pauses for this long, the request is repeated. */
  modelIdleTimeoutMs: setting('MODEL_IDLE_TIMEOUT_SECONDS', milliseconds('seconds'), '120'),
  /** Time between two searches for missed webhooks. */
  reconcileMinutes: setting('RECONCILE_MINUTES', amount('minutes'), '10'),
  /**
   * How many times in a row a pull request's failed checks start a run without a person's request; 0: never.
   */
  maxCiFixRuns: setting('MAX_CI_FIX_RUNS', wholeNumber('a number of runs, 0 for none', { least: 0 }), '2'),
  /** People are reminded of an agent's question after this time. */
  questionRemindMs: setting('QUESTION_REMIND_HOURS', milliseconds('hours'), '72'),
  /** A question that nobody answers is closed after this time. */
  questionCloseMs: setting('QUESTION_CLOSE_DAYS', milliseconds('days'), '14'),

  /** Limits of one run. */
  budget: {
    turns: setting('BUDGET_TURNS', wholeNumber('a number of turns'), '80'),
    tokens: setting('BUDGET_TOKENS', wholeNumber('a number of tokens'), '8000000'),
    dollars: setting('BUDGET_DOLLARS', amount('dollars'), '5'),
    minutes: setting('BUDGET_MINUTES', amount('minutes'), '60'),
  },
  /** Limits of all runs together, at the same time and per day. They are checked before a run starts. */
  limits: {
    user: setting('LIMITS_USER', limits(), 'at-once=10, runs=50'),
    repository: setting('LIMITS_REPOSITORY', limits(), 'at-once=20, runs=100'),
    server: setting('LIMITS_SERVER', limits(), 'runs=200, dollars=200'),
  },

  sandbox: {
    backend: setting('SANDBOX', oneOf(...backendNames), 'bubblewrap'),
    /** The containers' image; null for other backends. */
    image: setting('SANDBOX_IMAGE', text('the image of the containers').nullable(), null),
    /** Null: the first engine that responds. */
    engine: setting('SANDBOX_ENGINE', oneOf('docker', 'podman').nullable(), null),
    /** Folders with toolchains outside of /usr. */
    toolPaths: setting('SANDBOX_TOOL_PATHS', list(), ''),
    /** Limits of one command, with all processes that it starts. */
    memoryMb: setting('SANDBOX_MEMORY_MB', wholeNumber('a number of megabytes'), '4096'),
    processes: setting('SANDBOX_PROCESSES', wholeNumber('a number of processes'), '2048'),
    outputMb: setting('SANDBOX_OUTPUT_MB', wholeNumber('a number of megabytes'), '32'),
    commandMinutes: setting('SANDBOX_COMMAND_MINUTES', amount('minutes'), '60'),
    /** Everything that one sandbox can write. */
    diskMb: setting('SANDBOX_DISK_MB', wholeNumber('a number of megabytes'), '10240'),
    files: setting('SANDBOX_FILES', wholeNumber('a number of files'), '1000000'),
  },
  /** Hosts that set-ups may reach. The registries themselves come from the configuration of this machine. */
  egress: {
    mode: setting('EGRESS', oneOf('registries', 'none'), 'registries'),
    /** Further hosts. Each applies to all repositories (null) or to those that match a pattern. */
    allow: setting('EGRESS_ALLOW', hostsOfRepositories(), ''),
    /** Hosts that a repository may request in its settings. */
    requestable: setting('EGRESS_REQUESTABLE', hosts(), ''),
    /** Repositories whose set-up has no network. */
    deniedRepositories: setting('EGRESS_DENIED_REPOSITORIES', repositories(), ''),
  },

  /** Variables that read-config.ts combines into other properties. */
  sources: {
    gheHost: setting(
      'GHE_HOST',
      matching(
        /^[A-Za-z0-9.-]+(:\d+)?$/,
        'a host name without protocol or path, such as ghe.example.org',
      ).nullable(),
      null,
    ),
    gheProtocol: setting('GHE_PROTOCOL', oneOf('http', 'https'), 'https'),
    privateKey: secret('PRIVATE_KEY', text('a PEM private key').nullable(), null),
    privateKeyPath: setting('PRIVATE_KEY_PATH', text('a file').nullable(), null),
  },
};

/** If this process is root, the user of its sandbox cannot enter root's home folder. */
function defaultHome(): string {
  return process.getuid?.() === 0 ? '/var/lib/pullwright' : path.join(homedir(), '.pullwright');
}

function bundledAgents(): string {
  return path.join(import.meta.dirname, '..', '..', 'agents');
}
