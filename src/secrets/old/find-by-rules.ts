import { lintSource } from '@secretlint/core';
import { secretLintProfiler } from '@secretlint/profiler';
import { rules as all } from '@secretlint/secretlint-rule-preset-recommend';
import type { SecretPlace } from './find-secrets.js';
import { isPlaceholder } from './is-placeholder.js';

/*
 * Secretlint measures itself, keeps every measurement for as long as the process lives, and goes through all of them at the next one:
 * in a server, memory and time without end.
 */
secretLintProfiler.mark = () => {};

/** A comment `secretlint-disable` would switch the search off, and whoever hides something writes the comments. */
const rules = all
  .filter(({ meta: { id } }) => !id.endsWith('-filter-comments'))
  .map((rule) => ({ id: rule.meta.id, rule }));

/** Credentials that Secretlint's rules find: URLs with passwords, keys of clouds, tokens with check digits. */
export async function findByRules(text: string): Promise<SecretPlace[]> {
  const { messages } = await lintSource({
    source: { filePath: 'content', content: text, ext: '', contentType: 'text' },
    options: { noPhysicFilePath: true, config: { rules } },
  });
  return messages
    .filter(({ range }) => !opensNothing(text.slice(range[0], range[1])))
    .map(({ range: [start, end], ruleId }) => ({
      start,
      end,
      what: `a credential (${ruleId.replace('@secretlint/secretlint-rule-', '')})`,
    }));
}

/** Names that lead to no machine of anybody's: this one, or those kept for examples and tests (RFC 2606, RFC 6761). */
const nowhere =
  /^(?:localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[::1\]|(?:.+\.)?(?:test|example|invalid|localhost|example\.(?:com|org|net)))$/i;
/**
 * A URL with a password that every developer's machine has (`postgres://postgres:postgres@localhost`), or that stands for one: tests and
 * compose files are full of them, and nobody gets anywhere with it.
 */
function opensNothing(found: string): boolean {
  const [, user = '', password = '', host = ''] =
    /:\/\/([^:@/\s]*):([^@/\s]*)@(\[[^\]]*\]|[^:/?\s'"`]+)/.exec(found) ?? [];
  if (host === '') return false;
  // A single word is a service of a compose file, or a machine of a real network: there the password decides.
  return nowhere.test(host) || (!host.includes('.') && isPlaceholder(password, user));
}
