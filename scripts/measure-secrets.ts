import { execFile } from 'node:child_process';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { findSecrets } from '../src/secrets/find-secrets.js';

/*
 * Counts how many commits add something that looks like a credential:
 *
 *   node --import tsx scripts/measure-secrets.ts [--commits 100] [--places] <folder of a git repository>...
 *
 * The script reads the lines that each commit adds, file by file, like the app's scan of a change. With
 * `--places`, it prints the place and the kind of each credential, but never the value.
 */

const run = promisify(execFile);
const maxDiffBytes = 256 * 1024 * 1024;

interface Place {
  commit: string;
  file: string;
  line: number;
  name: string;
}

interface AddedText {
  file: string;
  lines: { line: number; text: string }[];
}

async function readGit(folder: string, args: string[]): Promise<string> {
  const { stdout } = await run('git', ['-C', folder, ...args], { maxBuffer: maxDiffBytes });
  return stdout;
}

async function readAddedTexts(folder: string, commit: string): Promise<AddedText[]> {
  const format = ['--format=', '--unified=0', '--no-color', '--no-ext-diff', '--no-renames'];
  const diff = await readGit(folder, ['-c', 'core.quotePath=false', 'show', ...format, commit]);
  const texts: AddedText[] = [];
  let next = 0;
  let isHeader = true;
  for (const row of diff.split('\n')) {
    if (row.startsWith('diff --git ')) isHeader = true;
    else if (isHeader && row.startsWith('+++ '))
      texts.push({ file: row.slice(4).replace(/^b\//, ''), lines: [] });
    else if (row.startsWith('@@ ')) {
      isHeader = false;
      next = Number(/\+(\d+)/.exec(row)?.[1]);
    } else if (!isHeader && row.startsWith('+'))
      texts.at(-1)?.lines.push({ line: next++, text: row.slice(1) });
  }
  return texts;
}

async function findPlaces(commit: string, { file, lines }: AddedText): Promise<Place[]> {
  const findings = await findSecrets(lines.map(({ text }) => text).join('\n'), []);
  const starts: number[] = [];
  for (let at = 0, index = 0; index < lines.length; index++) {
    starts.push(at);
    at += (lines[index]?.text.length ?? 0) + 1;
  }
  return findings.map(({ name, start }) => {
    const index = starts.findLastIndex((at) => at <= start);
    return { commit, file, line: lines[index]?.line ?? 0, name };
  });
}

interface Measured {
  commits: number;
  /** Number of commits that could not be read, for example because a partial clone lacks some files. */
  unread: number;
  places: Place[];
}

async function measure(folder: string, commits: number): Promise<Measured> {
  const log = await readGit(folder, ['log', '--no-merges', `--max-count=${commits}`, '--format=%H']);
  const hashes = log.split('\n').filter(Boolean);
  const measured: Measured = { commits: hashes.length, unread: 0, places: [] };
  for (const hash of hashes) {
    const texts = await readAddedTexts(folder, hash).catch(() => null);
    if (!texts) measured.unread += 1;
    for (const text of texts ?? []) measured.places.push(...(await findPlaces(hash, text)));
  }
  return measured;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { commits: { type: 'string', default: '100' }, places: { type: 'boolean', default: false } },
});
let [total, marked] = [0, 0];
for (const folder of positionals) {
  const { commits, unread, places } = await measure(folder, Number(values.commits));
  const withSome = new Set(places.map(({ commit }) => commit)).size;
  total += commits - unread;
  marked += withSome;
  console.log(
    `${path.resolve(folder)}: ${withSome} of ${commits - unread} commits, ${places.length} places, ${unread} commits not read`,
  );
  if (values.places)
    for (const { commit, file, line, name } of places)
      console.log(`  ${commit.slice(0, 12)} ${file}:${line} contains ${name}`);
}
console.log(
  `${positionals.length} repositories: ${marked} of ${total} commits add something that looks like a credential`,
);
