import { posix } from 'node:path';
import type Anthropic from '@anthropic-ai/sdk';
import type { Reply } from '../model/model.js';
import type { Workspace } from '../workspace/workspace.js';
import { data } from './data.js';

const timeoutMs = 30_000;
const maxListed = 10;

/** Prints four lines for each path that git ignores: source, line, pattern and path. */
const script = `
printf '%s\\0' "$@" | { git check-ignore --verbose -z --stdin 2>/dev/null || true; } | tr '\\n\\0' '?\\n'`;

/**
 * Finds out which of these paths git ignores.
 * @returns the paths, each with a description of the pattern that makes git ignore it
 */
export async function explainIgnored(
  paths: readonly string[],
  { sandbox }: Pick<Workspace, 'sandbox'>,
  signal?: AbortSignal,
): Promise<{ path: string; reason: string }[]> {
  if (paths.length === 0) return [];
  const { stdout } = await sandbox.execute({
    script,
    args: [...paths],
    timeoutMs,
    ...(signal && { signal }),
  });
  const texts = stdout.split('\n');
  return Array.from({ length: Math.floor(texts.length / 4) }, (_, index) => {
    const [source, line, pattern, path = ''] = texts.slice(index * 4);
    return { path, reason: `the pattern ${pattern} in ${source}, line ${line}` };
  });
}

/** Tells the agent what it can do about an ignored file. */
export const ignoredAdvice =
  'It will not be part of the pull request. ' +
  'If it belongs there, use another path, or change the pattern.';

/** Names of files and folders that tools produce. Nobody wants them in a pull request. */
const products = new Set(
  (
    'node_modules bower_components jspm_packages vendor dist build out output target bin obj coverage ' +
    'htmlcov tmp temp log logs cache caches venv env __pycache__ DerivedData Pods'
  ).split(' '),
);
const productFiles =
  /^\.|~$|\.(?:pyc|pyo|class|o|a|so|dll|exe|jar|log|tmp|swp|pid|tsbuildinfo|sqlite3?|db|egg-info)$/;
/** Files that begin with a period and that people write. */
const written = /^\.(?:env|npmrc|envrc)\b/;

/**
 * Tells the agent about new files that git ignores, if its commands may have created them on purpose. Says
 * nothing about what tools produce, and about files that the editor created and has already told about.
 * @param paths the ignored paths that are new since the last turn; a folder ends with a slash
 */
export async function noticeIgnored(
  paths: readonly string[],
  reply: Pick<Reply, 'content'>,
  workspace: Pick<Workspace, 'sandbox'>,
): Promise<Anthropic.TextBlockParam[]> {
  const calls = reply.content.filter((block) => block.type === 'tool_use');
  if (!calls.some(({ name }) => name === 'bash')) return [];
  const created = calls.map(({ input }) => toRelative((input as { path?: unknown }).path));
  const isTold = (path: string) =>
    created.some((one) => one === path || (path.endsWith('/') && one.startsWith(path)));
  const wanted = paths.filter((path) => !isProduct(path) && !isTold(path));
  const ignored = await explainIgnored(wanted.slice(0, maxListed), workspace);
  if (ignored.length === 0) return [];
  const more = wanted.length - maxListed;
  const lines = ignored.map(({ path, reason }) => `${path}: ${reason}`);
  if (more > 0) lines.push(`and ${more} more`);
  const notice =
    'Git ignores these new files and folders. They will not be part of the pull request. If one of them ' +
    'belongs there, use another path, or change the pattern.';
  return [
    { type: 'text', text: notice },
    { type: 'text', text: data('ignored-files', lines.join('\n')) },
  ];
}

/** Returns whether a path looks like something that a tool produced. */
export function isProduct(path: string): boolean {
  const parts = path.split('/').filter(Boolean);
  return parts.some((part) => products.has(part) || (productFiles.test(part) && !written.test(part)));
}

/** Turns a path from a call into a path relative to the repository's root. */
export function toRelative(path: unknown): string {
  return typeof path === 'string' ? posix.normalize(path.replace(/^\/workspace\//, '')) : '';
}
