/** Files that tell the languages' test runners what to run, and how. */
export const runnerFiles =
  '**/{jest.config.*,vitest.config.*,vitest.workspace.*,vite.config.*,babel.config.*,.babelrc,.mocharc.*,.taprc,.swcrc,bunfig.toml,pytest.ini,.pytest.ini,tox.ini,setup.cfg,pyproject.toml,conftest.py,noxfile.py,sitecustomize.py,Makefile,makefile,GNUmakefile,.rspec,spec_helper.rb,test_helper.rb,Rakefile,phpunit.xml,phpunit.xml.dist,pom.xml,build.gradle,build.gradle.kts,gradle.properties,Cargo.toml,Directory.Build.props,*.runsettings}';

/** Whatever names it could write results that no test had. */
export const reportsFolder = 'pullwright-reports';

/** What a package's own settings for runners are called. */
const settings = ['jest', 'vitest', 'mocha', 'ava', 'tap', 'nyc', 'c8', 'babel'];

/**
 * What a change to a package.json does to how its tests are run.
 * @returns the names of the scripts and settings, none where all is as it was
 */
export function findRunnerChanges(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): string[] {
  const scripts = new Set([...scriptsOfTests(scriptsOf(before)), ...scriptsOfTests(scriptsOf(after))]);
  return [
    ...[...scripts]
      .filter((name) => scriptsOf(before)[name] !== scriptsOf(after)[name])
      .map((name) => `the script ${name}`),
    ...settings
      .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
      .map((name) => `the setting ${name}`),
  ];
}

/** `test` with what runs before and behind it, and every script that one of these names. */
function scriptsOfTests(scripts: Record<string, unknown>): Set<string> {
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

function scriptsOf(manifest: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { scripts } = manifest;
  return typeof scripts === 'object' && scripts !== null ? (scripts as Record<string, unknown>) : {};
}
