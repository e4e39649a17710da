import { setImmediate as turn } from 'node:timers/promises';
import { lintSource } from '@secretlint/core';
import { secretLintProfiler } from '@secretlint/profiler';
import { rules as recommended } from '@secretlint/secretlint-rule-preset-recommend';
import { judges, kinds } from './kinds.js';
import { looksRandom } from './looks-random.js';

export interface SearchOptions {
  /** Whether Secretlint's comments in the text apply, such as `secretlint-disable-line`. */
  obeyComments?: boolean;
  /** The search stops after this time. It then reports the rest of the text as one finding. */
  deadlineMs?: number;
}

type LookAlike = { name: string; start: number; end: number };

/** Turns off Secretlint's time measurements, because they would stay in memory until the process ends. */
secretLintProfiler.mark = () => {};

const ownRule = 'pullwright';
/** Finds the kinds in kinds.ts. Secretlint's comments affect only rules, so this is a Secretlint rule. */
const kindsRule = {
  messages: {},
  meta: { id: ownRule, type: 'scanner', recommended: true, supportedContentTypes: ['text'] },
  create: (context) => ({
    file({ content }) {
      for (const [name, pattern] of kinds)
        for (const { groups = {}, indices } of content.matchAll(pattern))
          for (const [group, judge] of Object.entries(judges)) {
            const [value, range] = [groups[group], indices?.groups?.[group]];
            if (value && range && judge(value, groups))
              context.report({ message: { messageId: name, message: name, data: {} }, range });
          }
    },
  }),
} as (typeof recommended)[number];
/** Rules that kinds.ts replaces: two report every password in test code, one reports wrong positions. */
const replaced = /-(?:basicauth|database-connection-string|aws)$/;
const rules = [kindsRule, ...recommended.filter(({ meta }) => !replaced.test(meta.id))];
const plainRules = rules.filter(({ meta }) => !meta.id.endsWith('-filter-comments'));

/** Sizes in characters. A long text is searched in windows. Their overlap has room for two private keys. */
const [windowLength, sharedLength] = [256 * 1024, 64 * 1024];
export const unsearched = 'a part that could not be searched for credentials in time';

/** Finds text that looks like a credential, by Secretlint's rules and the kinds in kinds.ts. */
export async function findLookAlikes(
  text: string,
  { obeyComments = false, deadlineMs = 60_000 }: SearchOptions = {},
): Promise<LookAlike[]> {
  const deadline = performance.now() + deadlineMs;
  const findings: LookAlike[] = [];
  // A Secretlint comment can affect all text after it. If comments apply, the text is not split.
  const step = obeyComments ? Number.POSITIVE_INFINITY : windowLength;
  for (let from = 0; from === 0 || from + sharedLength < text.length; from += step) {
    if (from > 0) await turn();
    if (performance.now() > deadline)
      return [...findings, { name: unsearched, start: from, end: text.length }];
    const found = await search(text.slice(from, from + step + sharedLength), obeyComments);
    // Skip secrets that begin in the first half of the shared text. The previous window contained them.
    for (const { name, start, end } of found)
      if (from === 0 || start >= sharedLength / 2)
        findings.push({ name, start: from + start, end: from + end });
  }
  return findings;
}

async function search(text: string, obeyComments: boolean): Promise<LookAlike[]> {
  const used = (obeyComments ? rules : plainRules).map((rule) => ({ id: rule.meta.id, rule }));
  const { messages } = await lintSource({
    // Secretlint's comments apply to complete lines. The added newline completes the last line.
    source: { filePath: 'content', content: `${text}\n`, ext: '', contentType: 'text' },
    options: { noPhysicFilePath: true, config: { rules: used } },
  });
  return messages.flatMap(({ ruleId, message, range: [start, end] }) => {
    if (ruleId === ownRule) return [{ name: message, start, end }];
    const name = `a credential (${ruleId.replace(/.*-rule-/, '')})`;
    return looksRandom(text.slice(end - 24, end), true) ? [{ name, start, end }] : [];
  });
}
