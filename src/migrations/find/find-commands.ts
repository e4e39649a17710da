import path from 'node:path';
import type { CiTest, Environment } from '../../environment/environment.js';
import type { RepositoryTree } from '../../environment/repository-tree.js';
import type { Settings } from '../../task/settings.js';
import { readManifest } from './read-manifest.js';
import type { MigrationTool } from './tools.js';

/** The commands that run migrations. All of them are bash, and run in `folder`. */
export interface FoundCommands {
  /** Relative to the root of the repository; '' is the root. */
  folder: string;
  up: string;
  /** Undoes the last migration; null if nothing can. */
  down: string | null;
  /** Puts the repository's own rows in; null if it has none. */
  seed: string | null;
  /** Whether CI or the settings apply migrations before the tests, so that the tests need not do it. */
  isForTests: boolean;
}

interface Options {
  tool: MigrationTool;
  /** The folder of the project. */
  folder: string;
  change: RepositoryTree;
  environment: Pick<Environment, 'preparation'>;
  settings: Pick<Settings, 'migrations'>;
}

/** Words of commands that do something else than apply migrations. */
const otherVerbs =
  /\b(?:create|(?<=\S[:\s])make|generate|gen|new|add|status|list|rollback|down|undo|revert|dev|reset|seed\w*|push|studio|unlock|fresh|refresh|drop|check|diff|test|redo|init|lint|psql)\b/;
const upNames = /^(?:db[:._-])?migrat(?:e|ions?)(?:[:._-](?:up|latest|run|deploy|all|apply))?$/;
const downNames = /^(?:db[:._-])?(?:migrat(?:e|ions?)[:._-])?(?:down|revert|rollback|undo)$/;
const seedNames = /^(?:db[:._-])?seeds?(?:[:._-](?:run|all|dev|test))?$/;
const seedFiles = /(?:^|\/)seed(?:er)?s?(?:\/.+|\.(?:[cm]?[jt]s|rb))$/;

/** @returns null if Pullwright runs the SQL of the files itself */
export async function findCommands(options: Options): Promise<FoundCommands | null> {
  const { tool, change, settings } = options;
  const own = settings.migrations === 'none' ? null : settings.migrations;
  const manifest = readManifest(await change.readFile(path.posix.join(options.folder, 'package.json')));
  const scripts = Object.entries(manifest.scripts ?? {}).flatMap(([name, text]) =>
    typeof text === 'string' && /^[\w:.-]+$/.test(name) ? [{ name, text }] : [],
  );
  if (own?.up) return { folder: '', up: own.up, down: own.down, seed: own.seed, isForTests: true };
  const inCi = findInCi(options, scripts);
  const found = inCi ?? findScript(options, scripts) ?? (await findDefault(options));
  if (!found) return null;
  const seed = scripts.find(({ name }) => seedNames.test(name));
  const usual = [...change.files].some((file) => seedFiles.test(file)) ? tool.seed : null;
  return {
    folder: found.folder,
    up: withPrograms(found.up),
    down: own?.down ?? findDown(tool, found, scripts),
    seed: own?.seed ?? (seed ? `npm run ${seed.name}` : usual && withPrograms(usual)),
    isForTests: inCi !== null,
  };
}

interface Script {
  name: string;
  text: string;
}

interface FoundUp {
  folder: string;
  up: string;
  /** What the command runs, if it is a script. */
  text: string;
}

/** The command with which CI applies migrations before the tests is the best source. */
function findInCi({ environment }: Options, scripts: readonly Script[]): FoundUp | null {
  const fits = ({ command }: CiTest) =>
    /migrat|\bflyway\b|\balembic\b|\bliquibase\b/i.test(command) && !otherVerbs.test(command.toLowerCase());
  const found = environment.preparation.find(fits);
  if (!found) return null;
  const [, name, rest = ''] =
    /^(?:npm|pnpm|yarn|bun)(?: run)? (?:--silent )?([\w:.-]+)(?: --)?(.*)$/.exec(found.command) ?? [];
  const script = scripts.find((one) => one.name === name);
  const text = script ? `${script.text}${rest}` : found.command;
  return { folder: found.folder, up: found.command, text };
}

function findScript({ tool, folder }: Options, scripts: readonly Script[]): FoundUp | null {
  const plain = scripts.filter(({ name, text }) => !otherVerbs.test(`${name} ${text}`.toLowerCase()));
  const has = (text: string) => hasWords(text, tool.up);
  const ofTool = plain.filter(({ text }) => tool.program?.test(text));
  const exact = ofTool.find(({ text }) => has(text));
  if (exact) return { folder, up: `npm run ${exact.name}`, text: exact.text };
  const named = plain.find(({ name }) => upNames.test(name));
  const bare = ofTool.find(
    ({ text }) => !/[:\s](?:migrat\w*|up|update|upgrade)\b/.test(text.replace(tool.program ?? '', '')),
  );
  // A script that only names the program takes the words that follow.
  if (bare && (!named || named === bare))
    return { folder, up: `npm run ${bare.name} -- ${tool.up}`, text: `${bare.text} ${tool.up}` };
  return named ? { folder, up: `npm run ${named.name}`, text: named.text } : null;
}

const dataSource = /(?:^|\/)(?:[\w.-]*data-?source|ormconfig|typeorm[\w.-]*)\.[cm]?[jt]s$/i;

async function findDefault({ tool, folder, change }: Options): Promise<FoundUp | null> {
  if (tool.command === null) return null;
  if (tool.name !== 'TypeORM') return { folder, up: tool.command, text: tool.command };
  const inFolder = [...change.files].filter((file) => folder === '' || file.startsWith(`${folder}/`));
  const source = inFolder.find((file) => dataSource.test(file) && !/\.(?:test|spec)\./.test(file));
  const relative = path.posix.relative(folder, source ?? path.posix.join(folder, 'data-source.js'));
  const program = /\.[cm]?ts$/.test(relative) ? 'typeorm-ts-node-commonjs' : 'typeorm';
  const up = `${program} migration:run -d ${quote(relative)}`;
  return { folder, up, text: up };
}

/** The words for `down` take the place of those for `up`, so that all options stay the same. */
function findDown(tool: MigrationTool, { text }: FoundUp, scripts: readonly Script[]): string | null {
  if (tool.down !== null && tool.program?.test(text) && hasWords(text, tool.up)) {
    const at = text.search(tool.program);
    const rest = text.slice(at);
    const words = new RegExp(`(?<=\\s)${tool.up}(?=\\s|$)`);
    return withPrograms(`${text.slice(0, at)}${rest.replace(words, tool.down)}`);
  }
  const script = scripts.find(({ name }) => downNames.test(name));
  return script ? `npm run ${script.name}` : null;
}

function hasWords(text: string, words: string): boolean {
  return new RegExp(`\\s${words}(?:\\s|$)`).test(text);
}

/** Lets a command find the programs of npm packages, as a package script does. */
function withPrograms(command: string): string {
  return command.startsWith('npm ')
    ? command
    : `PATH="$PWD/node_modules/.bin:/workspace/node_modules/.bin:$PATH"; ${command}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
