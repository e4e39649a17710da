import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import type { z } from 'zod';
import type { Limits, Scope } from '../runs/admission.js';
import type { BackendName } from '../sandbox/sandbox.js';
import { Environment } from './environment.js';
import { findOtherSecrets } from './find-other-secrets.js';

/** A setting is missing or wrong; the message has one line per fault and is all that a person needs. */
export class ConfigError extends Error {
  constructor(readonly faults: string[]) {
    super(faults.join('\n'));
    this.name = 'ConfigError';
  }
}

/** Everything that the program is told from outside; read once, frozen, checked. */
export interface Config {
  appId: number;
  privateKey: string;
  webhookSecret: string;
  /** `https://api.github.com`, or a GitHub Enterprise Server's `…/api/v3`. */
  apiUrl: string;
  /** Where people and git find repositories: `https://github.com`. */
  webUrl: string;
  host: string;
  port: number;
  logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
  webhookProxyUrl: string | undefined;
  anthropicApiKey: string;
  anthropicBaseUrl: string | undefined;
  /** Null: Pullwright starts its own Postgres under `home`. */
  databaseUrl: string | null;
  /** Folder for mirrors, runs and the embedded Postgres. */
  home: string;
  /** Folder with agent files. */
  agentsFolder: string;
  /** Model alias or id where an agent file leaves it open. */
  model: string;
  /** A reply's stream that says nothing for so long is given up and asked for again. */
  modelIdleTimeoutMs: number;
  /** Label -> agent name. */
  labels: Readonly<Record<string, string>>;
  /** Whether agent files of the repositories count too; the tools that these may have, null: all. */
  repositoryAgents: { allowed: boolean; tools: readonly string[] | null };
  /** Runs at once in this process. */
  concurrency: number;
  /** A worker that was not heard of for so long is dead to the others, which take its runs over. */
  workerDeadAfterMs: number;
  sandbox: {
    backend: BackendName;
    /** Of containers; null for the other backends. */
    image: string | null;
    /** Null: whichever answers. */
    engine: 'docker' | 'podman' | null;
    /** What an engine's client finds its engine by. */
    engineEnvironment: Readonly<Record<string, string>>;
    toolPaths: readonly string[];
    memoryMb: number;
    processes: number;
    /** Of all that one sandbox may write to. */
    diskMb: number;
    files: number;
    outputMb: number;
    /** One command at most; a repository's own settings may ask for less. */
    commandMinutes: number;
  };
  /** What set-ups may reach (EgressRules, without the registries, which the machine knows). */
  egress: {
    mode: 'registries' | 'none';
    allow: readonly { repository: string | null; host: string; port: number }[];
    askable: readonly { host: string; port: number }[];
    closed: readonly string[];
  };
  protectedPaths: readonly string[];
  /** Between two looks at GitHub for what was missed. */
  reconcileMinutes: number;
  /** Runs about failed checks of a pull request, without anybody having asked for another in between; 0: none at all. */
  maxCiFixRuns: number;
  /** After which people are reminded of what an agent asked, and after which that is given up. */
  questionRemindMs: number;
  questionCloseMs: number;
  /** How long runs, and what they did, are kept. */
  keepDays: number;
  /** All mirrors together. */
  mirrorsGb: number;
  /** What may be had at once, and in a day; checked before a run starts. */
  limits: Readonly<Record<Scope, Limits>>;
  budget: { turns: number; tokens: number; dollars: number; minutes: number };
  /** Values of the environment that their names, or a password in a URL, say are secret, whoever they are for. */
  otherSecrets: readonly string[];
}

/**
 * @param environment usually `process.env`
 * @throws ConfigError with one line per fault
 */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  // An empty variable is what compose files and unit files leave behind for "not set".
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(given);
  const faults = parsed.success
    ? []
    : parsed.error.issues.map((issue) => {
        const name = String(issue.path[0]);
        const found = given[name] === undefined ? 'it is not set' : describeFound(name, given[name]);
        return `${name}: expected ${issue.message}; ${found}`;
      });
  if (given.SANDBOX === 'container' && !given.SANDBOX_IMAGE)
    faults.push(
      'SANDBOX_IMAGE: expected the image that containers are made of (SANDBOX=container); it is not set',
    );
  const key = readPrivateKey(given.PRIVATE_KEY, given.PRIVATE_KEY_PATH);
  if ('fault' in key) faults.push(key.fault);
  if (!parsed.success || 'fault' in key || faults.length > 0) throw new ConfigError(faults);
  const env = parsed.data;
  const tooLow = findLimitsBelowBudget(env);
  if (tooLow.length > 0) throw new ConfigError(tooLow);
  const ghe = env.GHE_HOST ? `${env.GHE_PROTOCOL}://${env.GHE_HOST}` : null;
  return deepFreeze({
    appId: env.APP_ID,
    privateKey: key.pem,
    webhookSecret: env.WEBHOOK_SECRET,
    apiUrl: ghe ? `${ghe}/api/v3` : 'https://api.github.com',
    webUrl: ghe ?? 'https://github.com',
    host: env.HOST,
    port: env.PORT,
    logLevel: env.LOG_LEVEL,
    webhookProxyUrl: env.WEBHOOK_PROXY_URL,
    anthropicApiKey: env.ANTHROPIC_API_KEY,
    anthropicBaseUrl: env.ANTHROPIC_BASE_URL,
    databaseUrl: env.DATABASE_URL ?? null,
    home: path.resolve(env.PULLWRIGHT_HOME ?? defaultHome()),
    agentsFolder: path.resolve(env.PULLWRIGHT_AGENTS ?? path.join(import.meta.dirname, '..', '..', 'agents')),
    model: env.PULLWRIGHT_MODEL,
    modelIdleTimeoutMs: env.MODEL_IDLE_TIMEOUT_SECONDS * 1000,
    labels: env.PULLWRIGHT_LABELS,
    repositoryAgents: {
      allowed: env.REPOSITORY_AGENTS === 'allow',
      tools: env.REPOSITORY_AGENT_TOOLS.length > 0 ? env.REPOSITORY_AGENT_TOOLS : null,
    },
    concurrency: env.PULLWRIGHT_CONCURRENCY,
    workerDeadAfterMs: env.WORKER_DEAD_AFTER_SECONDS * 1000,
    sandbox: {
      backend: env.SANDBOX,
      image: env.SANDBOX_IMAGE ?? null,
      engine: env.SANDBOX_ENGINE ?? null,
      engineEnvironment: pick(environment, engineVariables),
      toolPaths: env.SANDBOX_TOOL_PATHS,
      memoryMb: env.SANDBOX_MEMORY_MB,
      processes: env.SANDBOX_PROCESSES,
      diskMb: env.SANDBOX_DISK_MB,
      files: env.SANDBOX_FILES,
      outputMb: env.SANDBOX_OUTPUT_MB,
      commandMinutes: env.SANDBOX_COMMAND_MINUTES,
    },
    egress: {
      mode: env.EGRESS,
      allow: env.EGRESS_ALLOW,
      askable: env.EGRESS_REQUESTABLE,
      closed: env.EGRESS_DENIED_REPOSITORIES,
    },
    protectedPaths: env.PROTECTED_PATHS,
    reconcileMinutes: env.RECONCILE_MINUTES,
    maxCiFixRuns: env.MAX_CI_FIX_RUNS,
    questionRemindMs: env.QUESTION_REMIND_HOURS * 3_600_000,
    questionCloseMs: env.QUESTION_CLOSE_DAYS * 24 * 3_600_000,
    keepDays: env.KEEP_DAYS,
    mirrorsGb: env.MIRRORS_GB,
    limits: { person: env.LIMITS_USER, repository: env.LIMITS_REPOSITORY, server: env.LIMITS_SERVER },
    budget: {
      turns: env.BUDGET_TURNS,
      tokens: env.BUDGET_TOKENS,
      dollars: env.BUDGET_DOLLARS,
      minutes: env.BUDGET_MINUTES,
    },
    otherSecrets: findOtherSecrets(given, new Set(Object.keys(Environment.shape))),
  });
}

const engineVariables = [
  'PATH',
  'HOME',
  'XDG_RUNTIME_DIR',
  'DBUS_SESSION_BUS_ADDRESS',
  'DOCKER_HOST',
  'DOCKER_CONTEXT',
  'DOCKER_CONFIG',
  'CONTAINER_HOST',
  'CONTAINERS_CONF',
];

function pick(environment: NodeJS.ProcessEnv, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** A day's limit that not even one run fits into would hold back every run for ever. */
function findLimitsBelowBudget(env: z.output<typeof Environment>): string[] {
  const budgets = { tokens: env.BUDGET_TOKENS, dollars: env.BUDGET_DOLLARS };
  return (['LIMITS_USER', 'LIMITS_REPOSITORY', 'LIMITS_SERVER'] as const).flatMap((name) =>
    (['tokens', 'dollars'] as const).flatMap((what) => {
      const limit = env[name][what];
      return limit !== null && limit < budgets[what]
        ? [
            `${name}: expected ${what} of at least one run's budget (BUDGET_${what.toUpperCase()}, ${budgets[what]}); found ${limit}`,
          ]
        : [];
    }),
  );
}

/** What came, for the message; never a secret's value. */
function describeFound(name: string, value: string | undefined): string {
  return /KEY|SECRET|URL/.test(name) ? `what is set has ${value?.length} characters` : `found "${value}"`;
}

function readPrivateKey(inline?: string, file?: string): { pem: string } | { fault: string } {
  if (!inline && !file)
    return { fault: "PRIVATE_KEY or PRIVATE_KEY_PATH: expected the App's private key (PEM); neither is set" };
  let text = inline ?? '';
  if (!inline && file) {
    try {
      text = readFileSync(file, 'utf8');
    } catch (error) {
      return { fault: `PRIVATE_KEY_PATH: expected a readable file; "${file}": ${(error as Error).message}` };
    }
  }
  // Probot's convention: newlines may come as \n, and the whole may come in base64.
  const pem = text.includes('-----BEGIN')
    ? text.replace(/\\n/g, '\n')
    : Buffer.from(text, 'base64').toString('utf8');
  if (!/-----BEGIN (RSA )?PRIVATE KEY-----/.test(pem))
    return {
      fault: `${inline ? 'PRIVATE_KEY' : 'PRIVATE_KEY_PATH'}: expected a PEM private key; found none in it`,
    };
  return { pem };
}

/** As root the sandbox drops to another user, who has to reach the folder: root's own home is closed to it. */
function defaultHome(): string {
  return process.getuid?.() === 0 ? '/var/lib/pullwright' : path.join(homedir(), '.pullwright');
}

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (part && typeof part === 'object') deepFreeze(part);
  return Object.freeze(value);
}
