import picomatch from 'picomatch';
import type { Change } from '../../workspace/workspace.js';
import type { Finding } from '../evidence.js';
import { settingsFiles } from '../runners/runners.js';
import { block, mark, notComparable } from './findings.js';

/**
 * Files that GitHub, git or a developer's tools act on by themselves, so that a reviewer has to look: a glob,
 * and the rest of a sentence that begins with the path.
 */
const sensitive: [glob: string, says: string][] = [
  ['**/CODEOWNERS', 'changes who must review'],
  ['**/.gitmodules', 'changes submodules'],
  ['**/{.gitattributes,.lfsconfig}', 'changes how git treats files'],
  [
    '**/{.npmrc,.yarnrc,.yarnrc.yml,.pypirc,pip.conf,.cargo/config,.cargo/config.toml}',
    'changes where packages come from',
  ],
  ['.github/dependabot.{yml,yaml}', 'changes which dependencies are updated'],
  ['.github/pullwright.yml', "changes this app's settings"],
  ['{AGENTS.md,CLAUDE.md,.claude/**,.agents/**,.github/agents/**}', 'changes the instructions for agents'],
  [
    '**/{Dockerfile,docker-compose*.{yml,yaml},compose.{yml,yaml},Jenkinsfile,.gitlab-ci.{yml,yaml},.travis.yml,azure-pipelines.{yml,yaml},bitbucket-pipelines.yml,appveyor.yml,.appveyor.yml,.drone.yml,.circleci/**,.buildkite/**,.woodpecker/**,.woodpecker.{yml,yaml}}',
    'changes how the project is built',
  ],
  [
    '**/{binding.gyp,.pnpmfile.{cjs,mjs},pnpmfile.js,.yarn/{releases,plugins}/**,setup.py,build.rs,extconf.rb,.mvn/**,mvnw,mvnw.cmd,gradlew,gradlew.bat,gradle/wrapper/**}',
    'may run when someone installs or builds the project',
  ],
  [
    '**/{.husky/**,.pre-commit-config.{yml,yaml},lefthook.{yml,yaml},.envrc,.devcontainer/**,.devcontainer.json,.vscode/{tasks,settings,launch}.json}',
    'may run when someone opens the project or commits to it',
  ],
];

/** Finds the problems that the path of a changed file alone tells. */
export function* checkPath(
  { path: file, from }: Change,
  protectedPaths: readonly string[],
): Generator<Finding> {
  const names = from ? [file, from] : [file];
  const match = (glob: string) =>
    names.some((name) => picomatch.isMatch(name, glob, { dot: true, nocase: true }));
  if (match('.github/{workflows,actions}/**'))
    yield block('workflow', file, "is a workflow, and workflows run with the repository's secrets");
  const rule = protectedPaths.find(match);
  if (rule) yield block('protected-path', file, `is protected by the rule ${rule}`);
  for (const [glob, says] of sensitive) if (match(glob)) yield mark('sensitive-file', file, says);
  if (match(settingsFiles)) yield mark('test-runner', file, `may change how the tests run: ${notComparable}`);
}
