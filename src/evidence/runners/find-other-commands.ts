import type { FoundCommands, TestCommand } from '../find-commands.js';
import { hasFile, type RepositoryTree } from '../repository-tree.js';

export async function findGo(tree: RepositoryTree): Promise<FoundCommands | null> {
  if (!tree.files.has('go.mod')) return null;
  const test: TestCommand = { command: 'go test ./...', runner: 'go', takesArguments: false };
  return { setup: ['go mod download'], test: hasFile(tree, /_test\.go$/) ? test : null };
}

export async function findRust({ files }: RepositoryTree): Promise<FoundCommands | null> {
  if (!files.has('Cargo.toml')) return null;
  const test: TestCommand = { command: 'cargo test', runner: 'cargo', takesArguments: false };
  return { setup: ['cargo fetch'], test };
}

export async function findJava(tree: RepositoryTree): Promise<FoundCommands | null> {
  const { files } = tree;
  const tests = hasFile(tree, /(^|\/)src\/\w*[tT]est\//);
  if (files.has('pom.xml')) {
    const maven = files.has('mvnw') ? './mvnw' : 'mvn';
    const test: TestCommand = { command: `${maven} -B -o test`, runner: 'maven', takesArguments: true };
    // Maven fetches the runner of the tests only when there is one to run: a name that no test has is enough.
    const setup = `${maven} -B -q test -Dtest=NoTestHasThisName -Dsurefire.failIfNoSpecifiedTests=false -DfailIfNoTests=false`;
    return { setup: [setup], test: tests ? test : null };
  }
  if (!files.has('build.gradle') && !files.has('build.gradle.kts')) return null;
  const gradle = files.has('gradlew') ? './gradlew' : 'gradle';
  const test: TestCommand = { command: `${gradle} --offline test`, runner: 'gradle', takesArguments: true };
  return { setup: [`${gradle} testClasses`], test: tests ? test : null };
}

export async function findRuby(tree: RepositoryTree): Promise<FoundCommands | null> {
  const { files, readFile } = tree;
  const bundled = files.has('Gemfile');
  const specs = files.has('.rspec') || hasFile(tree, /^spec\/.*_spec\.rb$/);
  const tests = hasFile(tree, /^test\/(.*\/)?(test_\w+|\w+_test)\.rb$/);
  if (!bundled && !specs && !(tests && files.has('Rakefile'))) return null;
  // Not into the repository's folder: what is installed there would be part of the change.
  const setup = bundled
    ? ['bundle config set --global path "$HOME/.bundle/gems" && bundle install --quiet']
    : [];
  const prefix = bundled ? 'bundle exec ' : '';
  if (specs) return { setup, test: { command: `${prefix}rspec`, runner: 'rspec', takesArguments: true } };
  const rake = /\b(Rake::TestTask|Minitest::TestTask|Rails)\b/.test((await readFile('Rakefile')) ?? '');
  const test: TestCommand = {
    command: files.has('bin/rails') ? 'bin/rails test' : `${prefix}rake test`,
    runner: 'minitest',
    takesArguments: false,
  };
  return { setup, test: rake || tests ? test : null };
}

export async function findPhp({ files, readFile }: RepositoryTree): Promise<FoundCommands | null> {
  const composer = await readFile('composer.json');
  if (composer === null) return null;
  const tests =
    files.has('phpunit.xml') || files.has('phpunit.xml.dist') || composer.includes('phpunit/phpunit');
  const test: TestCommand = { command: 'vendor/bin/phpunit', runner: 'phpunit', takesArguments: true };
  return { setup: ['composer install --no-interaction --no-progress'], test: tests ? test : null };
}

export async function findDotnet(tree: RepositoryTree): Promise<FoundCommands | null> {
  if (!hasFile(tree, /\.(sln|slnx|csproj|fsproj)$/)) return null;
  const test: TestCommand = { command: 'dotnet test --no-restore', runner: 'dotnet', takesArguments: true };
  return { setup: ['dotnet restore'], test: hasFile(tree, /tests?\.(cs|fs)proj$/i) ? test : null };
}

/** Whatever it runs: runners that answer by their environment are heard, others count by exit code. */
export async function findMakefile({ readFile }: RepositoryTree): Promise<FoundCommands | null> {
  const makefile =
    (await readFile('GNUmakefile')) ?? (await readFile('makefile')) ?? (await readFile('Makefile'));
  if (!makefile || !/^(?:[\w.-]+ )*test\s*:(?!=)/m.test(makefile)) return null;
  return { setup: [], test: { command: 'make test', runner: 'command', takesArguments: false } };
}
