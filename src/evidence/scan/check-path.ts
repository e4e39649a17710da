import picomatch from 'picomatch';
import type { Change } from '../../workspace/workspace.js';
import type { Finding } from '../evidence.js';
import { settingsFiles } from '../runners/runners.js';
import { block, mark, notTheSame } from './findings.js';

/**
 * What GitHub, git or a developer's tools do by themselves with a file of such a name: a reviewer has to
 * look.
 */
const sensitive: [glob: string, says: string][] = [
  ['**/CODEOWNERS', 'changes who has to review'],
  ['**/.gitmodules', 'changes submodules'],
  ['**/{.gitattributes,.lfsconfig}', 'changes how git treats files'],
  [
    '**/{.npmrc,.yarnrc,.yarnrc.yml,.pypirc,pip.conf,.cargo/config,.cargo/config.toml}',
    'changes where packages come from',
  ],
  ['.github/dependabot.{yml,yaml}', 'changes which dependencies are brought up to date'],
  ['.github/pullwright.yml', "changes this bot's settings"],
  ['{AGENTS.md,CLAUDE.md,.claude/**,.agents/**,.github/agents/**}', 'changes what agents are told'],
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

/** What the place of a file says about a change to it. */
export function* checkPath(
  { path: file, from }: Change,
  protectedPaths: readonly string[],
): Generator<Finding> {
  const names = from ? [file, from] : [file];
  const match = (glob: string) =>
    names.some((name) => picomatch.isMatch(name, glob, { dot: true, nocase: true }));
  if (match('.github/{workflows,actions}/**'))
    yield block('workflow', file, 'is a workflow, and workflows run with your secrets');
  const rule = protectedPaths.find(match);
  if (rule) yield block('protected-path', file, `is protected by the rule ${rule}`);
  for (const [glob, says] of sensitive) if (match(glob)) yield mark('sensitive-file', file, says);
  if (match(settingsFiles))
    yield mark('test-runner', file, `may change how the tests are run: ${notTheSame}`);
}
