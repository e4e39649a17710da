import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** The snippets of a corpus by their kinds. */
export function readCorpus(name: 'credentials' | 'innocent-snippets'): [kind: string, snippets: string[]][] {
  const text = readFileSync(new URL(`./${name}.yml`, import.meta.url), 'utf8');
  return Object.entries(parse(text) as Record<string, string[]>);
}
