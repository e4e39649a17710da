import picomatch from 'picomatch';
import type { Change } from '../../workspace/workspace.js';
import type { Finding } from '../evidence.js';
import { settingsFiles } from '../runners/runners.js';
import { block, mark, notComparable } from './findings.js';

/**
 * Files that reviewers must look at, because GitHub, git or a developer's tools use them automatically. Each
 * entry consists of globs and a text. The text completes a sentence that begins with the path of the file.
 */
const sensitive: [globs: string[], says: string][] = [
  [['**/CODEOWNERS'], 'changes the code owners, who must review pull requests'],
  [['**/.gitmodules'], 'changes submodules'],
  [['**/{.gitattributes,.lfsconfig}'], 'changes how git treats files'],
  [
    ['**/{.npmrc,.yarnrc,.yarnrc.yml,.pypirc,pip.conf}', '**/.cargo/{config,config.toml}'],
    'changes where packages come from',
  ],
  [['.github/dependabot.{yml,yaml}'], 'changes which dependencies are updated'],
  [['.github/pullwright.yml'], "changes this app's settings"],
  [['{AGENTS.md,CLAUDE.md,.claude/**,.agents/**,.github/agents/**}'], 'changes the instructions for agents'],
  [
    [
      '**/{Dockerfile,docker-compose*.{yml,yaml},compose.{yml,yaml},Jenkinsfile}',
      '**/{.gitlab-ci.{yml,yaml},.travis.yml,azure-pipelines.{yml,yaml},bitbucket-pipelines.yml}',
      '**/{appveyor.yml,.appveyor.yml,.drone.yml,.woodpecker.{yml,yaml}}',
      '**/{.circleci,.buildkite,.woodpecker}/**',
    ],
    'changes how the project is built',
  ],
  [
    [
      '**/{binding.gyp,.pnpmfile.{cjs,mjs},pnpmfile.js,setup.py,build.rs,extconf.rb}',
      '**/.yarn/{releases,plugins}/**',
      '**/{mvnw,mvnw.cmd,gradlew,gradlew.bat}',
      '**/{.mvn,gradle/wrapper}/**',
    ],
    'may run when someone installs or builds the project',
  ],
  [
    [
      '**/{.pre-commit-config.{yml,yaml},lefthook.{yml,yaml},.envrc,.devcontainer.json}',
      '**/{.husky,.devcontainer}/**',
      '**/.vscode/{tasks,settings,launch}.json',
    ],
    'may run when someone opens the project or commits to it',
  ],
];

/** Finds the problems of a changed file that are visible from its path alone. */
export function* checkPath(
  { path: file, from }: Change,
  protectedPaths: readonly string[],
): Generator<Finding> {
  const names = from ? [file, from] : [file];
  const match = (globs: string | string[]) =>
    names.some((name) => picomatch.isMatch(name, globs, { dot: true, nocase: true }));
  if (match('.github/{workflows,actions}/**'))
    yield block('workflow', file, "is a workflow, and workflows run with the repository's secrets");
  const rule = protectedPaths.find(match);
  if (rule) yield block('protected-path', file, `is protected by the rule ${rule}`);
  for (const [globs, says] of sensitive) if (match(globs)) yield mark('sensitive-file', file, says);
  if (match(settingsFiles)) yield mark('test-runner', file, `may change how the tests run: ${notComparable}`);
}
