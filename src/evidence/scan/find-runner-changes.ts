import { packageKeys } from '../runners/runners.js';

type Manifest = Readonly<Record<string, unknown>>;

/**
 * Finds the changes to a package.json that affect how its tests run.
 * @returns names of the changed scripts and settings, such as `the script "test"`
 */
export function findRunnerChanges(before: Manifest, after: Manifest): string[] {
  const scripts = new Set([...findTestScripts(scriptsOf(before)), ...findTestScripts(scriptsOf(after))]);
  return [
    ...[...scripts]
      .filter((name) => scriptsOf(before)[name] !== scriptsOf(after)[name])
      .map((name) => `the script "${name}"`),
    ...packageKeys
      .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
      .map((name) => `the setting "${name}"`),
  ];
}

/** Finds the scripts `pretest`, `test` and `posttest`, and every script that one of them calls. */
function findTestScripts(scripts: Manifest): Set<string> {
  const found = new Set<string>();
  const add = (name: string) => {
    if (found.has(name) || scripts[name] === undefined) return;
    found.add(name);
    const words = String(scripts[name]).split(/[\s;&|"']+/);
    for (const word of words) for (const one of [`pre${word}`, word, `post${word}`]) add(one);
  };
  for (const name of ['pretest', 'test', 'posttest']) add(name);
  return found;
}

function scriptsOf({ scripts }: Manifest): Manifest {
  return typeof scripts === 'object' && scripts !== null ? (scripts as Manifest) : {};
}
