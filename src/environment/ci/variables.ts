import { asText, type Values, variableName } from '../values.js';
import { interpolate, type Lookup, unknownMark } from './expressions.js';

/** The environment variables of a workflow, a job or a step, as far as they are known. */
export interface Variables {
  values: Record<string, string>;
  /** Names whose values are secrets. */
  secrets: Set<string>;
  /** Names whose values only GitHub knows. */
  unknown: Set<string>;
}

/** Where a lookup notes that a value depends on a secret. */
export interface Touched {
  secret: boolean;
  token: boolean;
}

export function noVariables(): Variables {
  return { values: {}, secrets: new Set(), unknown: new Set() };
}

export function copyVariables({ values, secrets, unknown }: Variables): Variables {
  return { values: { ...values }, secrets: new Set(secrets), unknown: new Set(unknown) };
}

/** These belong to the machine or to a service of CI, and would break commands in another place. */
const ofTheMachine =
  /^(?:PATH|HOME|SHELL|USER|LOGNAME|TMPDIR|PWD|LD_\w+|BASH_ENV|ENV|IFS|https?_proxy|all_proxy|no_proxy|npm_config_(?:registry|cache|prefix|userconfig)|yarn_(?:npm_)?registry(?:_server)?|pip_(?:index_url|extra_index_url|config_file)|uv_(?:default_index|index_url)|goproxy|force_color|(?:github|runner|actions|codecov|coveralls|sonar|turbo|nx_cloud|snyk|docker|buildx|buildkit)_\w+|\w*cache_(?:key|version|dir|folder)|store_path|ci_node_(?:index|total)|\w+_shards?)$/i;
/** Tokens of services that no test needs. Nobody must be told that they are missing. */
const tokensOfServices =
  /^(?:gh|github|npm|node_auth|codecov|coveralls|turbo|nx_cloud|sonar|snyk|percy|chromatic|codeclimate|cc_test_reporter|slack|discord|docker|dockerhub|ghcr)_\w*|^GITHUB_TOKEN$|^CODECOV$|^NPM_TOKEN$/i;

/** Adds the variables of an `env` map, with their expressions replaced. */
export function addVariables(variables: Variables, env: Values, lookup: (touched: Touched) => Lookup): void {
  for (const [name, raw] of Object.entries(env)) {
    const text = raw === null ? '' : asText(raw);
    if (text === null || !variableName.test(name)) continue;
    const touched: Touched = { secret: false, token: false };
    const result = interpolate(text, lookup(touched));
    setVariable(variables, name, null);
    const isWhole = /^\s*\$\{\{(?:(?!\$\{\{).)*\}\}\s*$/s.test(text);
    // Without the secret, an expression such as `secrets.KEY || 'test'` still has a value.
    const needsSecret = touched.secret && !(isWhole && result.text !== '');
    if (needsSecret && !tokensOfServices.test(name)) variables.secrets.add(name);
    else if (!result.isKnown && !ofTheMachine.test(name)) variables.unknown.add(name);
    if (!needsSecret && !touched.token && result.isKnown) setVariable(variables, name, result.text);
  }
}

/** Sets a variable, or removes it if the value is null. */
export function setVariable(variables: Variables, name: string, value: string | null): void {
  delete variables.values[name];
  variables.secrets.delete(name);
  variables.unknown.delete(name);
  // No process can have a variable with NUL, which also stands for unknown values.
  const isUsable = value !== null && value.length <= 10_000 && !value.includes(unknownMark);
  if (isUsable && !ofTheMachine.test(name)) variables.values[name] = value;
}
