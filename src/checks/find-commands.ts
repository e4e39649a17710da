import { findNodeCommands, guessNodeRunner } from './find-node-commands.js';

/** A repository at a commit, as far as finding its commands needs it. */
export interface RepositoryTree {
  files: ReadonlySet<string>;
  /** @returns null when there is no such file */
  readFile(file: string): Promise<string | null>;
}

export type Runner =
  | 'node:test'
  | 'jest'
  | 'vitest'
  | 'mocha'
  | 'pytest'
  | 'unittest'
  | 'go'
  | 'cargo'
  | 'maven'
  | 'gradle'
  | 'rspec'
  | 'minitest'
  | 'phpunit'
  | 'dotnet'
  | 'command';

export interface TestCommand {
  /** As a person would type it. */
  command: string;
  /** Decides how results are read; `command`: by exit code only. */
  runner: Runner;
  /** Further words reach the runner when they are put behind the command. */
  takesArguments: boolean;
}

export interface Commands {
  /** Shell commands that install dependencies. */
  setup: string[];
  /** Null where no tests were found. */
  test: TestCommand | null;
  /** What a reader of the evidence has to know. */
  notes: string[];
}

type Finder = (tree: RepositoryTree) => Promise<Omit<Commands, 'notes'> | null>;

/**
 * Finds out how a repository's dependencies are installed and its tests are run, by the files in its root. What the
 * repository's settings say comes first.
 */
export async function findCommands(
  tree: RepositoryTree,
  settings: { setup: string[] | null; test: string | null },
): Promise<Commands> {
  let found: Omit<Commands, 'notes'> = { setup: [], test: null };
  for (const find of finders) {
    const candidate = await find(tree);
    if (!candidate) continue;
    // The first ecosystem that has tests counts; a Makefile beside it is how people call it.
    if (candidate.test || found.setup.length === 0) found = candidate;
    if (candidate.test) break;
  }
  const setup = settings.setup ?? found.setup;
  const test = settings.test ? await describeCommand(settings.test, tree, found.test) : found.test;
  const notes = test
    ? []
    : [
        'No tests were found in this repository. `test` in .github/pullwright.yml names the command that runs them.',
      ];
  return { setup, test, notes };
}

const finders: Finder[] = [
  findNodeCommands,
  findPython,
  findGo,
  findRust,
  findJava,
  findRuby,
  findPhp,
  findDotnet,
  findMakefile,
];

/** A command from the settings: its runner is known by its words, or through the package's script. */
async function describeCommand(
  command: string,
  tree: RepositoryTree,
  found: TestCommand | null,
): Promise<TestCommand> {
  if (found?.command === command) return found;
  const guessed = await guessNodeRunner(command, tree);
  if (guessed) return { command, ...guessed };
  const words: [RegExp, Runner][] = [
    [/\bpytest\b/, 'pytest'],
    [/\bgo test\b/, 'go'],
    [/\bcargo (?:test|nextest)\b/, 'cargo'],
    [/\bmvnw?\b/, 'maven'],
    [/\bgradlew?\b/, 'gradle'],
    [/\brspec\b/, 'rspec'],
    [/\bphpunit\b/, 'phpunit'],
    [/\bdotnet test\b/, 'dotnet'],
  ];
  const runner = words.find(([pattern]) => pattern.test(command))?.[1] ?? 'command';
  return { command, runner, takesArguments: runner !== 'command' && !/[|;&]/.test(command) };
}

async function findPython({ files, readFile }: RepositoryTree) {
  const project = (await readFile('pyproject.toml')) ?? '';
  const requirements = [...files]
    .filter((file) => /^(requirements[\w-]*\.txt|requirements\/(dev|test)[\w-]*\.txt)$/.test(file))
    .sort();
  if (
    !project &&
    requirements.length === 0 &&
    !files.has('setup.py') &&
    !files.has('tox.ini') &&
    !hasFile(files, /(^|\/)test_\w+\.py$/)
  )
    return null;
  const python = '.venv/bin/python';
  const setup = files.has('uv.lock')
    ? ['uv sync --all-extras --dev']
    : files.has('poetry.lock')
      ? ['POETRY_VIRTUALENVS_IN_PROJECT=true poetry install']
      : [
          'python3 -m venv --system-site-packages .venv',
          ...requirements.map((file) => `${python} -m pip install --quiet -r ${file}`),
          ...(/\[project\]|\[build-system\]/.test(project) || files.has('setup.py')
            ? [`${python} -m pip install --quiet -e .`]
            : []),
        ];
  const tests = hasFile(files, /(^|\/)(test_\w+|\w+_test)\.py$/);
  if (!tests) return { setup, test: null };
  const texts = [
    project,
    (await readFile('tox.ini')) ?? '',
    (await readFile('setup.cfg')) ?? '',
    ...(await Promise.all(requirements.map(readFile))),
  ];
  const usesPytest =
    files.has('pytest.ini') ||
    hasFile(files, /(^|\/)conftest\.py$/) ||
    texts.some((text) => /\bpytest\b/.test(text ?? ''));
  const test: TestCommand = usesPytest
    ? { command: `${python} -m pytest`, runner: 'pytest', takesArguments: true }
    : { command: `${python} -m unittest discover`, runner: 'unittest', takesArguments: false };
  return { setup, test };
}

async function findGo({ files }: RepositoryTree) {
  if (!files.has('go.mod')) return null;
  const test: TestCommand = { command: 'go test ./...', runner: 'go', takesArguments: false };
  return { setup: ['go mod download'], test: hasFile(files, /_test\.go$/) ? test : null };
}

async function findRust({ files }: RepositoryTree) {
  if (!files.has('Cargo.toml')) return null;
  const test: TestCommand = { command: 'cargo test', runner: 'cargo', takesArguments: false };
  return { setup: ['cargo fetch'], test };
}

async function findJava({ files }: RepositoryTree) {
  const tests = hasFile(files, /(^|\/)src\/test\//);
  if (files.has('pom.xml')) {
    const maven = files.has('mvnw') ? './mvnw' : 'mvn';
    const test: TestCommand = { command: `${maven} -B -o test`, runner: 'maven', takesArguments: true };
    // Only a run of the tests makes Maven fetch all that they need.
    return {
      setup: [`${maven} -B -q -DskipTests test-compile surefire:test dependency:resolve-plugins`],
      test: tests ? test : null,
    };
  }
  if (!files.has('build.gradle') && !files.has('build.gradle.kts')) return null;
  const gradle = files.has('gradlew') ? './gradlew' : 'gradle';
  const test: TestCommand = { command: `${gradle} --offline test`, runner: 'gradle', takesArguments: true };
  return { setup: [`${gradle} testClasses`], test: tests ? test : null };
}

async function findRuby({ files, readFile }: RepositoryTree) {
  if (!files.has('Gemfile')) return null;
  const setup = ['bundle config set --local path vendor/bundle && bundle install'];
  if (files.has('.rspec') || hasFile(files, /^spec\/.*_spec\.rb$/))
    return {
      setup,
      test: { command: 'bundle exec rspec', runner: 'rspec', takesArguments: true } as TestCommand,
    };
  const rake = /\b(Rake::TestTask|Minitest::TestTask|Rails)\b/.test((await readFile('Rakefile')) ?? '');
  const test: TestCommand = {
    command: files.has('bin/rails') ? 'bin/rails test' : 'bundle exec rake test',
    runner: 'minitest',
    takesArguments: false,
  };
  return { setup, test: rake || hasFile(files, /^test\/.*_test\.rb$/) ? test : null };
}

async function findPhp({ files, readFile }: RepositoryTree) {
  const composer = await readFile('composer.json');
  if (composer === null) return null;
  const tests =
    files.has('phpunit.xml') || files.has('phpunit.xml.dist') || composer.includes('phpunit/phpunit');
  const test: TestCommand = { command: 'vendor/bin/phpunit', runner: 'phpunit', takesArguments: true };
  return { setup: ['composer install --no-interaction --no-progress'], test: tests ? test : null };
}

async function findDotnet({ files }: RepositoryTree) {
  if (!hasFile(files, /\.(sln|slnx|csproj|fsproj)$/)) return null;
  const test: TestCommand = { command: 'dotnet test --no-restore', runner: 'dotnet', takesArguments: true };
  return { setup: ['dotnet restore'], test: hasFile(files, /tests?\.(cs|fs)proj$/i) ? test : null };
}

async function findMakefile({ readFile }: RepositoryTree) {
  const makefile = (await readFile('Makefile')) ?? (await readFile('makefile'));
  if (!makefile || !/^test\s*:(?!=)/m.test(makefile)) return null;
  return {
    setup: [],
    test: { command: 'make test', runner: 'command', takesArguments: false } as TestCommand,
  };
}

function hasFile(files: ReadonlySet<string>, pattern: RegExp): boolean {
  for (const file of files) if (pattern.test(file)) return true;
  return false;
}
