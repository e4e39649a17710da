import type { Service } from '../environment.js';
import { asMap, own, type Values } from '../values.js';
import type { Lookup } from './expressions.js';
import type { Touched, Variables } from './variables.js';

/** What expressions in a step can refer to. */
export interface Scope {
  event: 'push' | 'pull_request';
  /** The name of the default branch, as far as the workflow names it. */
  branch: string;
  variables: Variables;
  /** The values of one combination; null if only GitHub knows them. */
  matrix: Values | null;
  inputs: Values;
  services: readonly Service[];
  /** Ids of steps and jobs that find out which files changed. Their outputs count as `true`. */
  filters: ReadonlySet<string>;
}

/** Stands in a script for a secret, so that commands that need one are known. */
export const secretMark = '\u0001';

/** Where the repository is in the sandbox. */
const workspaceFolder = '/workspace';

/**
 * Returns the values that expressions refer to, as in a run for the default branch of a fork: without secrets
 * and without variables of the repository.
 */
export function lookupIn(scope: Scope, touched?: Touched, secretText = ''): Lookup {
  return ([context = '', ...path]) => {
    const [first = '', second = '', third = '', fourth = ''] = path;
    if (context === 'secrets') return lookupSecret(first, touched) + secretText;
    if (context === 'vars') return '';
    if (context === 'env') return lookupVariable(scope.variables, first);
    if (context === 'matrix') return scope.matrix ? walk(scope.matrix, path) : undefined;
    if (context === 'inputs') return walk(scope.inputs, path);
    if (context === 'runner') return own(runner, first.toLowerCase());
    if (context === 'strategy') return own({ 'job-index': 0, 'job-total': 1 }, first);
    if (context === 'github') return lookupGitHub(scope, path, touched);
    if (context === 'needs')
      return second === 'result' ? 'success' : scope.filters.has(first) ? 'true' : undefined;
    if (context === 'steps') {
      if (second === 'outcome' || second === 'conclusion') return 'success';
      if (third === 'cache-hit') return '';
      return scope.filters.has(first) ? 'true' : undefined;
    }
    if (context !== 'job') return undefined;
    if (first === 'status') return 'success';
    return first === 'services' && third === 'ports' ? lookupPort(scope.services, second, fourth) : undefined;
  };
}

const runner: Record<string, string> = {
  os: 'Linux',
  arch: 'X64',
  temp: '/tmp',
  debug: '',
  environment: 'github-hosted',
};

function lookupSecret(name: string, touched: Touched | undefined): string {
  if (touched && /^github_token$/i.test(name)) touched.token = true;
  else if (touched) touched.secret = true;
  return '';
}

function lookupVariable({ values, unknown }: Variables, name: string): unknown {
  if (name === '') return values;
  return unknown.has(name) ? undefined : (own(values, name) ?? '');
}

function walk(values: Values, path: readonly string[]): unknown {
  let at: unknown = values;
  for (const key of path) {
    if (Array.isArray(at)) at = at[Number(key)];
    else {
      // Names in expressions ignore case.
      const map = asMap(at);
      const name = Object.keys(map).find((one) => one.toLowerCase() === key.toLowerCase());
      at = name === undefined ? undefined : map[name];
    }
  }
  // A value may itself hold an expression that only GitHub can evaluate.
  return typeof at === 'string' && at.includes('${{') ? undefined : (at ?? null);
}

function lookupGitHub(scope: Scope, [name = '', ...path]: readonly string[], touched?: Touched): unknown {
  const isPush = scope.event === 'push';
  switch (name.toLowerCase()) {
    case 'token':
      if (touched) touched.token = true;
      return '';
    case 'event_name':
      return scope.event;
    case 'ref':
      return isPush ? `refs/heads/${scope.branch}` : 'refs/pull/1/merge';
    case 'ref_name':
      return isPush ? scope.branch : '1/merge';
    case 'ref_type':
      return 'branch';
    case 'head_ref':
      return isPush ? '' : undefined;
    case 'base_ref':
      return isPush ? '' : scope.branch;
    case 'sha':
      // Commands only use it in names, such as that of a report.
      return '0'.repeat(40);
    case 'workspace':
      return workspaceFolder;
    case 'run_attempt':
    case 'run_number':
    case 'run_id':
      return '1';
    case 'server_url':
      return 'https://github.com';
    case 'event':
      return lookupEvent(scope, path);
    default:
      return undefined;
  }
}

function lookupEvent(scope: Scope, path: readonly string[]): unknown {
  const text = path.join('.').toLowerCase();
  if (text === 'repository.default_branch') return scope.branch;
  if (text === 'repository.fork' || text === 'repository.private') return false;
  if (path[0] === 'repository') return undefined;
  // A push has no pull request, no issue and no inputs.
  if (scope.event === 'push') return path[0] === 'before' || path[0] === 'after' ? undefined : null;
  if (text === 'pull_request.draft' || text === 'pull_request.head.repo.fork') return false;
  return text.startsWith('pull_request.labels') || path[0] === 'inputs' ? null : undefined;
}

/** The port on the host at which a service is reached. */
function lookupPort(services: readonly Service[], name: string, port: string): string | undefined {
  const service = services.find((one) => one.name === name);
  if (!service) return undefined;
  const [ownPort, mapped = ownPort] = service.ports;
  return String(Number(port) === ownPort ? mapped : port);
}
