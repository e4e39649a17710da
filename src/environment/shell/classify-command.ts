import { type Files, joinInside } from '../open-files.js';
import { asMap, asText, own } from '../values.js';
import { type PackageCall, readPackageCall } from './package-call.js';
import { type CommandKind, findKind } from './program-kinds.js';
import { isCompound, splitScript, splitWords } from './split-script.js';
import { stripPrefixes } from './strip-prefixes.js';

export interface Classified {
  kind: CommandKind;
  /** The text of the scripts or of the make target that the command runs; null if it runs neither. */
  script: string | null;
  /** The name of the script that the command runs, if the package.json has no such script. */
  lacks?: string;
}

const maxDepth = 4;

/** Says what one command does. Reads the scripts of package.json and the targets of a Makefile. */
export async function classifyCommand(
  command: string,
  folder: string,
  files: Files,
  depth = 0,
): Promise<Classified> {
  if (!files.spend()) return { kind: 'other', script: null };
  // Each command runs in a shell of its own, in which no other command can call the function.
  if (/^(?:function\s+)?[\w-]+\s*\(\)\s*\{/.test(command)) return { kind: 'other', script: null };
  if (isCompound(command)) return { kind: classifyCompound(command), script: null };
  const words = stripPrefixes(splitWords(command));
  if (words[0] === 'sudo') {
    const inner = findKind(
      words
        .slice(1)
        .filter((word) => !word.startsWith('-'))
        .join(' '),
    );
    return { kind: inner === 'system' || inner === 'services' ? inner : 'other', script: null };
  }
  const call = readPackageCall(words);
  if (call) return classifyCall(call, folder, files, depth);
  const script = words[0] === 'make' ? await readTarget(words, folder, files) : null;
  if (words[0] === 'make') {
    const inner = script === null ? null : await classifyScript(script, folder, files, depth + 1);
    const outer = findKind(words.join(' '));
    // A target runs what its recipe says. Many recipes only call other targets.
    if (outer === 'test' && inner !== 'other') return { kind: 'test', script };
    return { kind: inner ?? outer ?? 'prepare', script };
  }
  const file = await readShellScript(words, folder, files);
  if (file !== null) {
    const inner = await classifyScript(file, folder, files, depth + 1);
    // A script such as `assert-no-changes.sh` needs the state of the work tree in CI.
    const isCheck =
      inner === 'prepare' && /(?:^|\/)(?:assert|check|verify|validate)-[^/]*$/.test(scriptOf(words));
    if (inner !== 'other' && !isCheck) return { kind: findKind(words.join(' ')) ?? inner, script: file };
    if (isCheck) return { kind: 'other', script: null };
  }
  if (/^(?:npm-run-all2?|run-s|run-p|concurrently)$/.test(words[0] ?? '')) {
    const names = words.slice(1).filter((word) => !word.startsWith('-'));
    const kinds = names.map((name) => `npm run ${name.replace(/^npm:/, '')}`).join('\n');
    return { kind: await classifyScript(kinds, folder, files, depth + 1), script: kinds };
  }
  // The last word of this program is the script or the command that tests the server.
  if (/^(?:start-server-and-test|server-test|start-test)$/.test(words[0] ?? '') && words.length > 2) {
    const last = words.at(-1) ?? '';
    const test = /^[\w:.-]+$/.test(last) ? `npm run ${last}` : last;
    return { kind: await classifyScript(test, folder, files, depth + 1), script: null };
  }
  return { kind: findKind(words.join(' ')) ?? 'prepare', script: null };
}

/** Returns the program, or the file that a shell runs. */
function scriptOf([program = '', next = '']: readonly string[]): string {
  return /^(?:ba|da)?sh$/.test(program) ? next : program;
}

/** Returns the text of a shell script of the repository that a command runs; null for any other command. */
async function readShellScript(
  words: readonly string[],
  folder: string,
  files: Files,
): Promise<string | null> {
  const name = scriptOf(words);
  if (!/^(?:\.\/)?[\w./-]+$/.test(name) || !/\/|\.sh$/.test(name)) return null;
  const place = joinInside(folder, name);
  const text = place === null || !files.paths.has(place) ? null : await files.text(place);
  const isShell =
    text !== null && text.length < 20_000 && (name.endsWith('.sh') || /^#!.*\b(?:ba|da)?sh\b/.test(text));
  return isShell ? text : null;
}

/** What a script of several commands does as a whole. Tests outweigh the rest. */
async function classifyScript(
  script: string,
  folder: string,
  files: Files,
  depth: number,
): Promise<CommandKind> {
  if (depth > maxDepth || !files.spend(script.length / 1000)) return 'prepare';
  const kinds = new Set<CommandKind>();
  for (const command of splitScript(script).slice(0, 30))
    kinds.add((await classifyCommand(command, folder, files, depth)).kind);
  const weights: CommandKind[] = [
    'test',
    'coverage',
    'browser-test',
    'services',
    'prepare',
    'system',
    'install',
  ];
  return weights.find((kind) => kinds.has(kind)) ?? 'other';
}

/** A loop or a condition is judged by its lines. */
function classifyCompound(command: string): CommandKind {
  const lines = command
    .split(/\n|;|&&/)
    .map((line) => line.trim().replace(/^(?:(?:then|do|else|if|elif|while|until|!)\s+)+/, ''))
    .filter((line) => !/^(?:|then|do|else|fi|done|esac|for\b.*|[{}()].*|\w+=\S*)$/.test(line));
  const kinds = lines.map((line) => findKind(stripPrefixes(splitWords(line)).join(' ')));
  const calls = /(?:^|\s)(?:npm|pnpm|yarn|bun)(?: run)? (?:test|t)(?::\S+)?(?:\s|$)/m.test(command);
  if (kinds.includes('test') || calls) return 'test';
  if (kinds.includes('services') || kinds.includes('system')) return 'other';
  if (kinds.includes('install') || /(?:npm|pnpm|yarn|bun) (?:ci|install|i)(?:\s|$)/m.test(command))
    return 'install';
  if (kinds.every((kind) => kind === 'other')) return 'other';
  const waits = /pg_isready|mysqladmin|redis-cli|\bnc -|\/dev\/tcp|\bcurl\b|\bdocker\b|\bsleep\b|\bwget\b/;
  return waits.test(command) ? 'other' : 'prepare';
}

async function classifyCall(
  call: PackageCall,
  folder: string,
  files: Files,
  depth: number,
): Promise<Classified> {
  if (call.does === 'install') return { kind: 'install', script: null };
  if (call.does === 'other') return { kind: 'other', script: null };
  const program = stripPrefixes(call.words).join(' ');
  if (call.does === 'program') return { kind: findKind(program) ?? 'prepare', script: null };
  const name = call.words[0] ?? '';
  const { script, before, isMissing } = await readPackageScript(call, folder, files);
  const byName = classifyName(name);
  if (script === null) {
    // `yarn jest` and `pnpm vitest` run programs.
    const isCompiler = call.folder !== null && /^(?:tsc|vue-tsc|tspc)$/.test(name);
    const named = isCompiler ? 'prepare' : byName;
    const kind = byName === 'test' ? byName : (findKind(program) ?? named ?? 'prepare');
    // npm runs nothing but scripts.
    return { kind, script, ...(isMissing && call.manager === 'npm' && { lacks: name }) };
  }
  const rest = call.words.indexOf('--');
  // A script such as `dotenv -e .env --` only runs the command that follows.
  if (/\s--\s*$/.test(script) && rest > 0 && depth < maxDepth)
    return classifyCommand(call.words.slice(rest + 1).join(' '), folder, files, depth + 1);
  // A script such as `"nx": "nx"` only names a program, and the words of the call say what it does.
  const isProgram = /^[\w@.-]+$/.test(script);
  if (isProgram && call.words.length > 1) return { kind: findKind(program) ?? 'prepare', script: null };
  const inner = await classifyScript(script, folder, files, depth + 1);
  const isCoverage = /(?:^|:)cov(?:er(?:age)?)?(?:$|:)/.test(name) && !/test/.test(name);
  const all = before ? `${before}\n${script}` : script;
  if (inner === 'test') return { kind: isCoverage ? 'coverage' : 'test', script: all };
  if (inner === 'prepare') return { kind: byName ?? 'prepare', script: all };
  return { kind: inner, script: all };
}

/**
 * Reads a script, and the one that the package manager runs before it. It is missing if the package.json only
 * has other scripts.
 */
async function readPackageScript(
  call: PackageCall,
  folder: string,
  files: Files,
): Promise<{ script: string | null; before: string | null; isMissing: boolean }> {
  const place = call.folder === null ? null : joinInside(folder, call.folder);
  if (place === null) return { script: null, before: null, isMissing: false };
  const manifest = await files.json(place === '' ? 'package.json' : `${place}/package.json`);
  const scripts = asMap(asMap(manifest).scripts);
  const read = (name: string) => asText(own(scripts, name));
  const [name = ''] = call.words;
  const script = read(name);
  const isMissing = script === null && Object.keys(scripts).length > 0;
  return { script, before: read(`pre${name}`), isMissing };
}

const testWords =
  /^(?:(?:run|ci|do)?tests?(?:all|ci)?|testing|unit|integration|specs?|jest|mocha|vitest|ava|tap|e2e|functional|acceptance)$/;
const ofDatabase = /^(?:db|database|prisma|knex|typeorm|sequelize|drizzle)$/;
const preparingWords =
  /^(?:build|compile|setup\w*|prepare|pre|pretest|restore|populate|fixtures|migrate|migrations?|seed|create|drop|reset|gen|generate|schema|init|up|down|codegen|bootstrap|postinstall|copy)$/;
const otherWords =
  /^(?:lint\w*|eslint|format|fmt|prettier|types?|typecheck|typings|tsc|tsd|check|audit|docs?|storybook|deploy|release|publish|codecov|sonar|licenses?|size|knip|depcheck|spell\w*|bench\w*|perf|load|commitlint|danger|changeset|docker|start|stop|dev|serve|clean|cypress|cy|playwright|browsers?|lighthouse|style|upload|report|validate|verify)$/;

/** What the name of a script says; null for nothing. */
function classifyName(name: string): CommandKind | null {
  const words = name.toLowerCase().split(/[:._\-/]+/);
  // `db:restore:test` is about the database of the tests.
  if (ofDatabase.test(words[0] ?? '')) return 'prepare';
  if (words.some((word) => preparingWords.test(word))) return 'prepare';
  if (words.some((word) => otherWords.test(word))) return 'other';
  return words.some((word) => testWords.test(word)) ? 'test' : null;
}

/** Returns the recipe of a make target; null if the Makefile has none. */
async function readTarget(words: readonly string[], folder: string, files: Files): Promise<string | null> {
  const at = words.indexOf('-C');
  const place = joinInside(folder, at > 0 ? (words[at + 1] ?? '') : '');
  const target = words.slice(1).find((word, index) => !/^-|=/.test(word) && index !== at);
  if (place === null || !target) return null;
  const makefile = await files.text(place === '' ? 'Makefile' : `${place}/Makefile`);
  if (!makefile || !files.spend(makefile.length / 10_000)) return null;
  const lines = makefile.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`${target}:`) && !/^[^:]*:=/.test(line));
  if (start < 0) return null;
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => !/^\t|^\s*(?:#.*)?$/.test(line));
  const recipe = rest.slice(0, end < 0 ? undefined : end).map((line) => line.replace(/^\t[@-]*/, ''));
  return recipe.join('\n').replaceAll('$$', '$').trim() || null;
}
