import picomatch from 'picomatch';
import type { Change } from '../../workspace/workspace.js';
import type { TestRun } from '../evidence.js';
import { isTestPath, settingsFiles } from '../runners/runners.js';
import { comesFrom } from './comes-from.js';
import { type CodeReader, findUsers } from './find-users.js';

/** The changed paths by what they are for. */
export interface SortedChanges {
  /** Files that contain tests. */
  tests: string[];
  /** Helpers, fixtures, snapshots and settings of tests. The product does not use them. */
  support: string[];
  /** Files without code that tests and the product can both use, such as samples, templates or SQL. */
  data: string[];
  product: string[];
}

/** Source code of the languages whose tests Pullwright can prove. */
export const sources =
  '**/*.{js,cjs,mjs,jsx,ts,cts,mts,tsx,vue,svelte,py,go,rs,java,kt,scala,groovy,rb,php,cs,fs,vb}';
const isSource = picomatch(sources, { dot: true });
const isSettings = picomatch(settingsFiles, { dot: true });
/** The set-up of a change installs what these files ask for, also for measurements on the base code. */
const packageFiles =
  /(?:^|\/)(?:package\.json|[\w.-]*lock[\w.-]*\.(?:json|ya?ml|toml)|[\w.-]+\.lockb?|requirements[^/]*\.txt|pyproject\.toml|go\.(?:mod|sum|work)|Cargo\.toml|Gemfile|composer\.json|pom\.xml|build\.gradle(?:\.kts)?)$/;
const snapshots = /(?:^|\/)(?:__snapshots__|tap-snapshots)\/|\.(?:snap|ambr)$/;
/** Names of folders and files that often contain code for tests only. */
const supportNames =
  /(?:^|[/._-])(?:test(?:s|ing|kit|utils?|helpers?|support)?|specs?|e2e|helpers?|fixtures?|factor(?:y|ies)|mocks?|stubs?|fakes?|support|samples?|examples?|utils?)(?=[/._-])/i;
/** Maximum number of files whose users are searched. The others belong to the product. */
const maxSearched = 40;

/**
 * Finds out what each changed file is for. Files with reported tests are tests. Other code belongs to the
 * tests if its name suggests that, and only tests use it. A folder that is called `testing` can contain a
 * part of the product.
 * @param after the tests that ran with the change
 */
export async function sortChanges(
  changes: readonly Pick<Change, 'path' | 'from' | 'status'>[],
  after: TestRun | null,
  reader: CodeReader,
): Promise<SortedChanges> {
  const sorted: SortedChanges = { tests: [], support: [], data: [], product: [] };
  const reported = [...new Set(after?.cases.flatMap(({ file }) => file ?? []))];
  const isReported = (path: string) => reported.some((file) => comesFrom(file, path));
  const unclear: string[] = [];
  // A moved file has two changed paths.
  for (const path of new Set(changes.flatMap(({ path, from }) => (from ? [path, from] : [path])))) {
    const isOfTests = isReported(path) || isTestPath(path) || supportNames.test(path);
    if (packageFiles.test(path)) sorted.product.push(path);
    else if (isReported(path) && isTestPath(path)) sorted.tests.push(path);
    else if (snapshots.test(path) || isSettings(path)) sorted.support.push(path);
    else if (isSource(path)) (isOfTests ? unclear : sorted.product).push(path);
    else (isTestPath(path) ? sorted.support : sorted.data).push(path);
  }
  const ofTests = await findOnlyForTests(unclear, isReported, reader);
  for (const path of unclear)
    if (!ofTests.has(path)) sorted.product.push(path);
    else (isReported(path) ? sorted.tests : sorted.support).push(path);
  return sorted;
}

/** Returns the paths that no file of the product uses. */
async function findOnlyForTests(
  paths: readonly string[],
  isReported: (path: string) => boolean,
  reader: CodeReader,
): Promise<Set<string>> {
  const users = new Map<string, string[]>();
  for (const path of paths.slice(0, maxSearched)) users.set(path, await findUsers(path, reader));
  const found = new Set<string>();
  const isOfTests = (path: string) =>
    found.has(path) || isReported(path) || (isTestPath(path) && !paths.includes(path));
  // A helper can be used by another helper, so each round can find more.
  for (let size = -1; size < found.size; ) {
    size = found.size;
    for (const [path, known] of users)
      if (known.every(isOfTests) && (known.length > 0 || isReported(path) || isTestPath(path)))
        found.add(path);
  }
  return found;
}
