import { existsSync } from 'node:fs';
import { maxSpend } from '../runs/admission.js';
import { environment } from './environment.js';
import { findOtherSecrets } from './find-other-secrets.js';
import { type McpDefinitions, readMcpServers } from './mcp-servers.js';
import { type ModelProvider, readModelProvider } from './model-provider.js';
import { readPrivateKey } from './private-key.js';
import { listSettings, parseSettings, type ValuesOf, type Variables } from './setting.js';

type Values = ValuesOf<typeof environment>;

/** The checked and frozen settings of this process. environment.ts documents most of them. */
export type Config = Omit<Values, 'sources'> & {
  /** The App's private key, in PEM format. */
  readonly privateKey: string;
  /** Base URL of GitHub's API: `https://api.github.com`, or `…/api/v3` on GitHub Enterprise Server. */
  readonly apiUrl: string;
  /** Base URL of GitHub's web pages and git repositories, such as `https://github.com`. */
  readonly webUrl: string;
  /** How to reach the model's provider. */
  readonly modelProvider: ModelProvider;
  /** The MCP servers that the operator allows. */
  readonly mcp: McpDefinitions;
  readonly sandbox: {
    /** Environment variables that tell the `docker` or `podman` client how to connect to its engine. */
    readonly engineEnvironment: Readonly<Record<string, string>>;
  };
  /**
   * Credentials in the environment that belong to other programs. Pullwright must not reveal these
   * credentials.
   */
  readonly otherSecrets: readonly string[];
};

/** Thrown if a setting is missing or wrong. */
export class ConfigError extends Error {
  /** @param faults one line per fault; each line tells the operator what to fix */
  constructor(readonly faults: string[]) {
    super(faults.join('\n'));
    this.name = 'ConfigError';
  }
}

/**
 * Reads the environment, and the file `.env` in the working directory if that file exists. If both set a
 * variable, the value in the environment is used.
 * @throws ConfigError
 */
export function loadConfig(): Config {
  if (existsSync('.env')) process.loadEnvFile('.env');
  return readConfig(process.env);
}

/**
 * Reads only the settings about models. `check-agents` needs no others.
 * @throws ConfigError
 */
export function loadModelSettings(): Config['models'] {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const parsed = parseSettings(environment.models, withoutEmpty(process.env));
  if ('faults' in parsed) throw new ConfigError(parsed.faults);
  return parsed.values;
}

/** @throws ConfigError that lists all invalid settings */
export function readConfig(given: Variables): Config {
  const variables = withoutEmpty(given);
  const parsed = parseSettings(environment, variables);
  const key = readPrivateKey(variables.PRIVATE_KEY ?? null, variables.PRIVATE_KEY_PATH ?? null);
  const mcp = readMcpServers(variables.MCP_SERVERS ?? null, variables);
  const provider = readProvider(variables);
  const faults = [
    ...('faults' in parsed ? parsed.faults : findTooLowLimits(parsed.values)),
    ...('faults' in provider ? provider.faults : []),
    ...('fault' in key ? [key.fault] : []),
    ...('faults' in mcp ? mcp.faults : []),
  ];
  if (variables.SANDBOX === 'container' && !variables.SANDBOX_IMAGE)
    faults.push('SANDBOX_IMAGE: expected a container image, because SANDBOX=container; it is not set');
  if ('faults' in parsed || 'faults' in provider || 'fault' in key || 'faults' in mcp || faults.length > 0)
    throw new ConfigError(faults);

  const { sources, ...values } = parsed.values;
  const enterpriseUrl = sources.gheHost && `${sources.gheProtocol}://${sources.gheHost}`;
  const own = new Set(listSettings(environment).map(({ variable }) => variable));
  return deepFreeze({
    ...values,
    privateKey: key.pem,
    modelProvider: provider,
    mcp,
    apiUrl: enterpriseUrl ? `${enterpriseUrl}/api/v3` : 'https://api.github.com',
    webUrl: enterpriseUrl ?? 'https://github.com',
    sandbox: { ...values.sandbox, engineEnvironment: pick(given, engineVariables) },
    otherSecrets: findOtherSecrets(variables, own),
  });
}

/**
 * Removes variables without a value. In Compose files and systemd unit files, such a variable becomes an
 * empty string. It counts as not set.
 */
function withoutEmpty(variables: Variables): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
}

/** Reads the model's provider, also if other settings are wrong, so that all faults are listed together. */
function readProvider(variables: Variables): ReturnType<typeof readModelProvider> {
  const { provider, vertexRegion } = environment.models;
  const table = { provider, vertexRegion, all: environment.sources.providers };
  const parsed = parseSettings(table, variables);
  // The faults of single settings are already on the list.
  if ('faults' in parsed) return { faults: [] };
  const { values } = parsed;
  return readModelProvider(values.provider, values.vertexRegion, values.all, variables);
}

/** Finds daily limits below the budget of one run. Such a limit would keep every run waiting forever. */
function findTooLowLimits({ limits, budget }: Values): string[] {
  const most = maxSpend(budget);
  return (['user', 'repository', 'server'] as const).flatMap((scope) =>
    (['tokens', 'dollars'] as const).flatMap((unit) => {
      const limit = limits[scope][unit];
      if (limit === null || limit >= most[unit]) return [];
      const { variable } = environment.limits[scope];
      const { extension } = environment.budget;
      const source = `${environment.budget[unit].variable} and ${extension.variable}, the most that one run may use`;
      return [`${variable}: expected at least ${most[unit]} ${unit} (${source}); found ${limit}`];
    }),
  );
}

export const engineVariables = [
  'PATH',
  'HOME',
  'XDG_RUNTIME_DIR',
  'DBUS_SESSION_BUS_ADDRESS',
  'DOCKER_HOST',
  'DOCKER_CONTEXT',
  'DOCKER_CONFIG',
  'CONTAINER_HOST',
  'CONTAINERS_CONF',
] as const;

function pick(variables: Variables, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = variables[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (part && typeof part === 'object') deepFreeze(part);
  return Object.freeze(value);
}
