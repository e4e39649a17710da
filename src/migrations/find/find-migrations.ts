import path from 'node:path';
import type { Environment } from '../../environment/environment.js';
import type { RepositoryTree } from '../../environment/repository-tree.js';
import type { Settings } from '../../task/settings.js';
import type { Change } from '../../workspace/workspace.js';
import { undoesMigration } from '../read-sql-migration.js';
import { type FoundCommands, findCommands } from './find-commands.js';
import { readManifest } from './read-manifest.js';
import { type MigrationTool, migrationTools } from './tools.js';

/** The migrations of a change, and how they are run. */
export interface FoundMigrations {
  tool: string;
  /** Paths of migrations that the change adds, without those that only undo another one. */
  added: string[];
  /** Paths of migrations of the base commit that the change edits, moves or deletes. */
  edited: string[];
  /** Paths of migrations that the change adds in another project or for another tool. */
  leftOut: string[];
  /** All changed paths in the folders of these migrations, such as the journal of a tool. */
  paths: string[];
  /** Whether the base commit has migrations. */
  hasBase: boolean;
  /** Matches the paths of this tool's migrations in the same project. */
  isMigration: (file: string) => boolean;
  /** Matches the text of a migration that says that it cannot be undone. */
  irreversible: RegExp | null;
  /** Null if Pullwright runs the SQL of the files itself. */
  commands: FoundCommands | null;
}

interface Options {
  /** The base commit. */
  base: RepositoryTree;
  /** The change. */
  change: RepositoryTree;
  /** What differs between both. */
  changes: readonly Change[];
  environment: Pick<Environment, 'preparation'>;
  settings: Pick<Settings, 'migrations'>;
}

/** Files beside migrations that are none themselves. */
const others =
  /(?:^|\/)(?:index|seeds?)\.[^/]+$|\.(?:d\.ts|test\.[^/]+|spec\.[^/]+|snap)$|(?:^|\/)(?:node_modules|__tests__|test|tests|dist)\//;

/**
 * Finds the migrations that a change adds or edits.
 * @returns null if it touches none
 */
export async function findMigrations(options: Options): Promise<FoundMigrations | null> {
  const { base, change, changes, settings } = options;
  if (settings.migrations === 'none') return null;
  const wanted = settings.migrations?.folder ?? null;
  const paths = changes.flatMap(({ path: file, from, status }) => [
    { file, isNew: status === 'added' },
    ...(from === undefined ? [] : [{ file: from, isNew: false }]),
  ]);
  const find = ({ file }: { file: string }) => findTool(file, wanted, change, base);
  for (const one of paths) {
    const found = await find(one);
    if (found) return describe(found, paths, find, options);
  }
  return null;
}

interface Path {
  file: string;
  /** Whether the change adds it. */
  isNew: boolean;
}

/** A tool, and the folder of the project in which it was found. */
interface FoundTool {
  tool: MigrationTool;
  folder: string;
}

async function describe(
  { tool, folder }: FoundTool,
  paths: readonly Path[],
  find: (one: Path) => Promise<FoundTool | null>,
  options: Options,
): Promise<FoundMigrations> {
  const { base, settings } = options;
  const own = settings.migrations === 'none' ? null : settings.migrations;
  const isMigration = (file: string) =>
    own?.folder == null
      ? tool.files.test(file) && !others.test(file) && isInside(file, folder)
      : isInside(file, own.folder);
  const touched = paths.filter(({ file }) => isMigration(file));
  const folders = [...new Set(touched.map(({ file }) => path.posix.dirname(file)))];
  const leftOut: string[] = [];
  for (const one of paths)
    if (one.isNew && !touched.includes(one) && (await find(one))) leftOut.push(one.file);
  return {
    tool: own?.up == null ? tool.name : 'the commands of the settings',
    added: touched.filter(({ file, isNew }) => isNew && !undoesMigration(file)).map(({ file }) => file),
    edited: touched
      .filter(({ file, isNew }) => !isNew && base.files.has(file) && !repeatable.test(file))
      .map(({ file }) => file),
    leftOut,
    paths: paths.map(({ file }) => file).filter((file) => folders.some((near) => isInside(file, near))),
    hasBase: [...base.files].some(isMigration),
    isMigration,
    irreversible: tool.irreversible,
    commands: await findCommands({ tool, folder, ...options }),
  };
}

/** Flyway runs such a file again after each edit. */
const repeatable = /(?:^|\/)R__[^/]+\.sql$/;

/** @param wanted the folder of the settings; null if they name none */
async function findTool(
  file: string,
  wanted: string | null,
  change: RepositoryTree,
  base: RepositoryTree,
): Promise<FoundTool | null> {
  if (wanted === null ? others.test(file) : !isInside(file, wanted)) return null;
  const fitting = migrationTools.filter(({ files }) => wanted !== null || files.test(file));
  if (fitting.length === 0) return null;
  const folders = listFolders(file);
  for (const tool of fitting)
    for (const folder of folders) {
      const inside = (name: string) => path.posix.join(folder, name);
      const names = await readPackages(inside('package.json'), change, base);
      if (tool.packages.some((name) => names.has(name))) return { tool, folder };
      if (tool.marker !== null && change.files.has(inside(tool.marker))) return { tool, folder };
    }
  // What is left needs no package: files of SQL, and scripts that the repository runs itself.
  const plain = (wanted === null || file.endsWith('.sql') ? fitting : []).findLast(
    ({ packages, marker }) => packages.length === 0 && marker === null,
  );
  const folder = folders.find((one) => change.files.has(path.posix.join(one, 'package.json'))) ?? '';
  if (plain) return { tool: plain, folder };
  const [script] = fitting.filter(({ packages }) => packages.length > 0);
  const own = script && { ...script, name: 'a script of the repository', program: null, command: null };
  return own ? { tool: own, folder } : null;
}

/** The folders that contain a file, from the inside to the root. */
function listFolders(file: string): string[] {
  const folders: string[] = [];
  for (let folder = path.posix.dirname(file); ; folder = path.posix.dirname(folder)) {
    folders.push(folder === '.' ? '' : folder);
    if (folder === '.') return folders;
  }
}

function isInside(file: string, folder: string): boolean {
  return folder === '' || folder === '.' || file.startsWith(`${folder}/`);
}

async function readPackages(
  manifest: string,
  change: RepositoryTree,
  base: RepositoryTree,
): Promise<Set<string>> {
  const texts = [await base.readFile(manifest), await change.readFile(manifest)];
  return new Set(
    texts.flatMap((text) => {
      const { dependencies, devDependencies } = readManifest(text);
      return [...Object.keys(dependencies ?? {}), ...Object.keys(devDependencies ?? {})];
    }),
  );
}
