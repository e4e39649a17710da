import { homedir } from 'node:os';
import path from 'node:path';
import { efforts } from '../runs/effort.js';
import { backendNames } from '../sandbox/sandbox.js';
import { providerNames } from './model-provider.js';
import { providerSettings } from './provider-settings.js';
import { secret, setting } from './setting.js';
import {
  amount,
  file,
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

/** Webhook secrets that everybody knows. Probot uses the first one by default. */
const knownSecrets = new Set([
  'development',
  'changeme',
  'password',
  'webhook-secret',
  'your-webhook-secret',
]);

/**
 * Every environment variable of Pullwright. Each property has the same name in Config. An entry gives the
 * variable's name, the kind of its value, and a default. The code has no other list of the variables.
 * docs/configuration.md explains the variables to operators, and a test compares that file with this list.
 */
export const environment = {
  /** Id of the GitHub App. */
  appId: setting('APP_ID', wholeNumber("the App ID from the App's settings page")),
  /** The secret that GitHub signs webhooks with. */
  webhookSecret: secret(
    'WEBHOOK_SECRET',
    text('the secret that the App signs its webhooks with').refine(
      (value) => value.length >= 8 && !knownSecrets.has(value.toLowerCase()),
      { error: 'a secret of at least 8 characters that nobody can guess (try: openssl rand -hex 32)' },
    ),
  ),

  /** The address that the web server listens on. */
  host: setting('HOST', text('an address to listen on'), '0.0.0.0'),
  /** The port of the web server; 0 selects any free port. */
  port: setting('PORT', wholeNumber('a port, 0 to 65535', { least: 0, most: 65_535 }), '3000'),
  /**
   * URL of a channel at a webhook proxy. Anyone who knows this URL can read the webhooks, so it is a secret.
   */
  webhookProxyUrl: secret(
    'WEBHOOK_PROXY_URL',
    httpUrl('the http:// or https:// URL of a webhook proxy channel').optional(),
  ),
  logLevel: setting('LOG_LEVEL', oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal'), 'info'),

  /** If this is null, Pullwright starts its own Postgres under `home`. */
  databaseUrl: secret(
    'DATABASE_URL',
    matching(/^postgres(ql)?:\/\//, 'a postgresql:// URL').nullable(),
    null,
  ),
  /**
   * Absolute path of the folder for repository mirrors, the workspaces of runs, and the embedded Postgres.
   */
  home: setting('PULLWRIGHT_HOME', folder(), defaultHome),
  /** Number of days after which a finished run and its events are deleted. */
  keepDays: setting('KEEP_DAYS', wholeNumber('a whole number of days, 1 or more'), '90'),
  /** Disk space for all repository mirrors together, in gigabytes. */
  mirrorsGb: setting('MIRRORS_GB', amount('gigabytes'), '20'),

  /** Absolute path of a folder with agent files. */
  agentsFolder: setting('PULLWRIGHT_AGENTS', folder(), bundledAgents),
  models: {
    /** Who serves the models. */
    provider: setting('MODEL_PROVIDER', oneOf(...providerNames), 'anthropic'),
    /** The inference profiles of Bedrock that aliases stand for, such as `eu` in `eu.anthropic.claude-…`. */
    bedrockPrefix: setting(
      'ANTHROPIC_BEDROCK_REGION_PREFIX',
      matching(/^[a-z]+(?:-[a-z]+)*$/, 'the prefix of inference profiles, such as global, us or eu'),
      'global',
    ),
    /** The location of the models on Vertex; their prices depend on it. */
    vertexRegion: setting(
      'CLOUD_ML_REGION',
      matching(/^[a-z0-9-]+$/, 'a region of Google Cloud, such as global or europe-west1').nullable(),
      null,
    ),
    /** Alias or id of the model for agents that name no model. */
    default: setting('PULLWRIGHT_MODEL', text('a model alias or id'), 'sonnet'),
    /** Absolute path of a YAML file with models and prices; null if there is none. */
    priceFile: setting('PULLWRIGHT_PRICES', file().nullable(), null),
    /** What to do with a model whose price is not known. No limit in dollars can hold for its runs. */
    unpriced: setting('UNPRICED_MODELS', oneOf('refuse', 'allow'), 'refuse'),
    /** How much models work on each reply; null leaves it to each model's default. */
    effort: setting('PULLWRIGHT_EFFORT', oneOf(...efforts).nullable(), null),
  },
  /** Maps the label of an issue to the name of an agent. */
  labels: setting('PULLWRIGHT_LABELS', labels(), 'backend=backend-developer'),
  repositoryAgents: {
    /** Whether a repository may define its own agents. */
    allowed: setting(
      'REPOSITORY_AGENTS',
      oneOf('none', 'allow').transform((value) => value === 'allow'),
      'none',
    ),
    /** Tools that a repository's own agents may have; null allows all tools. */
    tools: setting(
      'REPOSITORY_AGENT_TOOLS',
      list().transform((tools) => (tools.length > 0 ? tools : null)),
      '',
    ),
    /** MCP servers that a repository's own agents may have. */
    mcpServers: setting('REPOSITORY_AGENT_MCP_SERVERS', list(), ''),
  },
  /** Globs of paths that no agent may change. */
  protectedPaths: setting('PROTECTED_PATHS', list(), ''),

  /** Number of runs that this process works on at the same time. */
  concurrency: setting('PULLWRIGHT_CONCURRENCY', wholeNumber('a whole number of runs, 1 or more'), '2'),
  /**
   * A worker counts as dead after this long without a heartbeat. The other workers then take over its runs.
   */
  workerDeadAfterMs: setting('WORKER_DEAD_AFTER_SECONDS', milliseconds('seconds'), '30'),
  /** If no byte of the model's reply arrives for this long, the request is repeated. */
  modelIdleTimeoutMs: setting('MODEL_IDLE_TIMEOUT_SECONDS', milliseconds('seconds'), '120'),
  /**
   * If a reply of the model takes longer than this in total, the request is repeated. The longest reply has
   * 128,000 tokens; the default is enough for them at 55 tokens per second.
   */
  modelReplyTimeoutMs: setting('MODEL_REPLY_TIMEOUT_MINUTES', milliseconds('minutes'), '40'),
  /** Number of minutes between two searches for missed webhooks. */
  reconcileMinutes: setting('RECONCILE_MINUTES', amount('minutes'), '10'),
  /**
   * If checks fail on the bot's pull request, Pullwright starts a run without a person's request. This is the
   * maximum number of such runs in a row; 0 allows none.
   */
  maxCiFixRuns: setting(
    'MAX_CI_FIX_RUNS',
    wholeNumber('a whole number of runs, 0 for none', { least: 0 }),
    '2',
  ),
  /** How long a single review comment waits for others, which become one run with it. */
  reviewWaitMs: setting('REVIEW_WAIT_SECONDS', milliseconds('seconds'), '60'),
  /** If nobody answers an agent's question for this long, people get a reminder. */
  questionRemindMs: setting('QUESTION_REMIND_HOURS', milliseconds('hours'), '72'),
  /** If nobody answers an agent's question for this long, the question is closed. */
  questionCloseMs: setting('QUESTION_CLOSE_DAYS', milliseconds('days'), '14'),

  /** Limits of one run. */
  budget: {
    turns: setting('BUDGET_TURNS', wholeNumber('a whole number of turns, 1 or more'), '80'),
    tokens: setting('BUDGET_TOKENS', wholeNumber('a whole number of tokens, 1 or more'), '8000000'),
    dollars: setting('BUDGET_DOLLARS', amount('dollars'), '5'),
    minutes: setting('BUDGET_MINUTES', amount('minutes'), '60'),
    /** If the agent makes progress at a limit, all limits grow once by this share. */
    extension: setting(
      'BUDGET_EXTENSION_PERCENT',
      wholeNumber('a whole number of percent, 0 for none', { least: 0, most: 100 }).transform((n) => n / 100),
      '25',
    ),
  },
  /**
   * Limits of all runs of one user, of one repository and of the whole server: the number of runs at the same
   * time, and totals per day. Pullwright checks these limits before it starts a run.
   */
  limits: {
    user: setting('LIMITS_USER', limits(), 'at-once=10, runs=50'),
    repository: setting('LIMITS_REPOSITORY', limits(), 'at-once=20, runs=100'),
    server: setting('LIMITS_SERVER', limits(), 'runs=200, dollars=200'),
  },

  sandbox: {
    backend: setting('SANDBOX', oneOf(...backendNames), 'bubblewrap'),
    /** Container image of the sandboxes; null if the backend does not use containers. */
    image: setting('SANDBOX_IMAGE', text('the image of the containers').nullable(), null),
    /** Engine that runs the containers; null selects the first one that responds. */
    engine: setting('SANDBOX_ENGINE', oneOf('docker', 'podman').nullable(), null),
    /** Folders outside /usr that contain toolchains. */
    toolPaths: setting('SANDBOX_TOOL_PATHS', list(), ''),
    /** These four limits apply to one command together with all processes that it starts. */
    memoryMb: setting('SANDBOX_MEMORY_MB', wholeNumber('a whole number of megabytes, 1 or more'), '4096'),
    processes: setting('SANDBOX_PROCESSES', wholeNumber('a whole number of processes, 1 or more'), '2048'),
    outputMb: setting('SANDBOX_OUTPUT_MB', wholeNumber('a whole number of megabytes, 1 or more'), '32'),
    commandMinutes: setting('SANDBOX_COMMAND_MINUTES', amount('minutes'), '60'),
    /** Total amount of data that one sandbox may write, in megabytes. */
    diskMb: setting('SANDBOX_DISK_MB', wholeNumber('a whole number of megabytes, 1 or more'), '10240'),
    files: setting('SANDBOX_FILES', wholeNumber('a whole number of files, 1 or more'), '1000000'),
  },
  /**
   * Hosts that commands may reach during set-up. The package registries are not listed here. They come from
   * this machine's own package-manager configuration.
   */
  egress: {
    mode: setting('EGRESS', oneOf('registries', 'none'), 'registries'),
    /** Whether set-up may also reach the hosts that src/sandbox/egress/recommended-hosts.ts lists. */
    recommended: setting(
      'EGRESS_RECOMMENDED',
      oneOf('on', 'off').transform((value) => value === 'on'),
      'on',
    ),
    /**
     * Hosts to allow in addition to the registries. Each host is allowed for the repositories that match its
     * pattern, or for all repositories if its pattern is null.
     */
    allow: setting('EGRESS_ALLOW', hostsOfRepositories(), ''),
    /** Hosts that a repository may request in its settings file. */
    requestable: setting('EGRESS_REQUESTABLE', hosts(), ''),
    /** Repositories that have no network during set-up. */
    deniedRepositories: setting('EGRESS_DENIED_REPOSITORIES', repositories(), ''),
  },
  /** Private repositories that runs of the same owner's repositories may read as submodules. */
  submodules: setting('SUBMODULES', repositories(), ''),

  /** Variables from which read-config.ts computes other properties of Config. */
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
    mcpServersFile: setting('MCP_SERVERS', text('a file').nullable(), null),
    providers: providerSettings,
  },
};

/**
 * Returns a folder outside of root's home folder if this process is root. In this case, the sandboxes run as
 * another user, who cannot enter root's home folder.
 */
function defaultHome(): string {
  return process.getuid?.() === 0 ? '/var/lib/pullwright' : path.join(homedir(), '.pullwright');
}

function bundledAgents(): string {
  return path.join(import.meta.dirname, '..', '..', 'agents');
}
