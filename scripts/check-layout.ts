/*
 * Checks limits that the linter does not check: files per folder, lines per function, lines of some modules,
 * and characters per line of prose. It also checks that the paths in documents exist. `npm run check` runs
 * this script.
 *   npx tsx scripts/check-layout.ts [root of a git repository]
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from '@babel/parser';

const maxFilesInFolder = 18;
const maxLinesOfFunction = 60;
const maxProseCharacters = 110;

const code = /^(?:src|local-github|scripted-model|test|demo|bench|evaluate|chaos|scripts)\/.*\.ts$/;
/**
 * Functions in this folder create objects in sequence. They may be long, because splitting them would only
 * hide the order.
 */
const composition = /^src\/composition\//;
const tests = /\.test\.ts$/;
/** Files that together must stay small. Defense costs readers, so it must not grow without a decision. */
const budgets = [
  { name: 'src/secrets', maxLines: 400, files: /^src\/secrets\// },
  {
    name: 'the part of src/text for text that comes in',
    maxLines: 300,
    files: /^src\/text\/(?:sanitize|find-hidden-html|find-visible|mark-hidden|parse-markdown)\.ts$/,
  },
];

const root = path.resolve(process.argv[2] ?? '.');
const faults = checkTree(root);
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;

function checkTree(folder: string): string[] {
  const files = listFiles(folder);
  const sources = files.filter((file) => code.test(file) && !file.startsWith('demo/shop/'));
  const pages = files.filter((file) =>
    /^(?:[^/]+|docs\/.*|local-github\/.*|scripted-model\/.*)\.md$/.test(file),
  );
  return [
    ...checkFolders(sources),
    ...checkBudgets(folder, sources),
    ...sources.flatMap((file) => checkSource(file, readFileSync(path.join(folder, file), 'utf8'))),
    ...pages.flatMap((file) => checkPage(file, readFileSync(path.join(folder, file), 'utf8'))),
    ...pages.flatMap((file) => checkPaths(file, readFileSync(path.join(folder, file), 'utf8'), files)),
  ];
}

/** Lists the files that git tracks, and new files that it does not ignore. */
function listFiles(folder: string): string[] {
  const { stdout, status } = spawnSync('git', ['ls-files', '-co', '--exclude-standard', '--deduplicate'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`${folder}: expected a git repository`);
  return stdout.split('\n').filter(Boolean);
}

function checkFolders(files: string[]): string[] {
  const counts = new Map<string, number>();
  for (const file of files) counts.set(path.dirname(file), (counts.get(path.dirname(file)) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count > maxFilesInFolder)
    .map(([folder, count]) => `${folder}: expected at most ${maxFilesInFolder} files; found ${count}`);
}

function checkBudgets(folder: string, files: string[]): string[] {
  return budgets.flatMap(({ name, maxLines, files: pattern }) => {
    const texts = files
      .filter((file) => pattern.test(file))
      .map((file) => readFileSync(path.join(folder, file), 'utf8'));
    const lines = texts.join('').split('\n').length - 1;
    return lines > maxLines ? [`${name}: expected at most ${maxLines} lines; found ${lines}`] : [];
  });
}

function checkSource(file: string, text: string): string[] {
  const { program, comments } = parse(text, { sourceType: 'module', plugins: ['typescript'] });
  const faults: string[] = [];
  const lines = text.split('\n');
  for (const { loc } of comments ?? [])
    for (let number = loc?.start.line ?? 1; number <= (loc?.end.line ?? 0); number++) {
      const line = lines[number - 1] ?? '';
      // Check only lines that begin with a comment. The formatter handles a comment that follows code.
      if (/^\s*(?:\/\/|\/?\*)/.test(line) && line.length > maxProseCharacters)
        faults.push(`${file}:${number}: ${describeLength(line)}`);
    }
  if (!composition.test(file) && !tests.test(file))
    visit(program, (node) => {
      const length = node.loc.end.line - node.loc.start.line + 1;
      if (length > maxLinesOfFunction)
        faults.push(
          `${file}:${node.loc.start.line}: expected at most ${maxLinesOfFunction} lines in a function; found ${length}`,
        );
    });
  return faults;
}

interface Located {
  type: string;
  loc: { start: { line: number }; end: { line: number } };
}

/** Calls `found` for every function in the syntax tree. */
function visit(node: unknown, found: (node: Located) => void): void {
  if (Array.isArray(node)) for (const item of node) visit(item, found);
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
  const { type } = node as { type?: unknown };
  const isFunction = typeof type === 'string' && /Function|^(?:Object|Class)Method$/.test(type);
  // Skip function types, which have no body.
  if (isFunction && 'body' in node) found(node as unknown as Located);
  for (const [key, value] of Object.entries(node)) if (key !== 'loc') visit(value, found);
}

/**
 * Checks the lines of a Markdown page. Tables, code blocks and links cannot be wrapped, so they may be
 * longer.
 */
function checkPage(file: string, text: string): string[] {
  const faults: string[] = [];
  let isCode = false;
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trimStart().startsWith('```')) isCode = !isCode;
    const isProse = !isCode && !line.startsWith('|') && !/\]\(|https?:/.test(line);
    if (isProse && line.length > maxProseCharacters)
      faults.push(`${file}:${index + 1}: ${describeLength(line)}`);
  }
  return faults;
}

/** Checks that every path below `src/` in a code span is the path of an existing file or folder. */
function checkPaths(file: string, text: string, files: readonly string[]): string[] {
  return text.split('\n').flatMap((line, index) =>
    [...line.matchAll(/`(src\/[\w./-]*)`/g)].flatMap(([, named = '']) => {
      const folder = named.replace(/\/?$/, '/');
      const exists = files.some((one) => one === named || one.startsWith(folder));
      return exists ? [] : [`${file}:${index + 1}: expected a path that exists; found ${named}`];
    }),
  );
}

function describeLength(line: string): string {
  return `expected at most ${maxProseCharacters} characters in a line of prose; found ${line.length}`;
}
