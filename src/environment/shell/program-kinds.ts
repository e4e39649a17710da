/*
 * What commands of CI do, by their words. Each command is judged without the programs before it, such as
 * `npx`, and with its words joined by single spaces.
 */

export type CommandKind =
  /** Runs tests. */
  | 'test'
  /** Runs tests in a browser. It counts only if nothing else tests. */
  | 'browser-test'
  /** Runs tests to measure coverage. It counts only if the job has no other tests. */
  | 'coverage'
  /** Changes the work tree or a database, so that tests can run. */
  | 'prepare'
  /** Installs dependencies. */
  | 'install'
  /** Starts services with Docker, or runs a command in a container. */
  | 'services'
  /** Installs packages of the operating system. */
  | 'system'
  /** Does nothing that tests need, such as a linter. */
  | 'other';

/** Programs of languages for which nothing here provides a toolchain. */
export const ofOtherLanguages =
  /^(?:sbt|lein|mill|mix|elixir|swift|xcodebuild|flutter|dart|zig|crystal|stack|cabal|clojure|clj|rebar3|gleam|nimble|julia|Rscript)(?:\s|$)/;

const tests: RegExp[] = [
  /^(?:grunt$|(?:grunt|gulp)\b.*\btest)/,
  /^(?:jest|react-scripts test|vitest|mocha|_mocha|ava|tap|tape|borp|jasmine|lab|jasmine-node|uvu|japa|nodeunit|poku|qunit|cucumber-js|zora)\b/,
  /^(?:craco|react-app-rewired|vue-cli-service) test/,
  /^(?:node|tsx|ts-node|bun|babel-node|deno)\b.*(?:\s--test\b|\/(?:mocha|jest|vitest|ava)\b)/,
  /^(?:deno|bun|ace|adonis|ng-packagr|strapi) test\b/,
  /^(?:turbo|lerna)(?: run)?\b.*\s(?:test|unit|integration|e2e)[\w:-]*/,
  /^nx (?:test|run [\w@/.-]+:test|(?:affected|run-many)\b.*(?:test|e2e))/,
  /^(?:rush|moon|wireit|just|task|invoke|inv|(?:\.\/)?mage(?:-\w+)?|earthly|bazel|pants|buck2?)\b.*[\s:/+](?:unit-|integration-|ci-)?tests?\b/,
  /^(?:pytest|py\.test|tox|nox|nose2?|nosetests|green|behave|ward|trial|zope-testrunner|hatch test)\b/,
  /^python[\d.]*(?: -[A-Zbusv]\w*(?:[ =][\w:.]+)?)* -m (?:pytest|unittest|tox|nox|nose2?|twisted\.trial)\b/,
  /^python[\d.]* (?:-\w+ )*\S*(?:manage|runtests?|run_tests?|setup|tests?)\.py(?:$| test\b| -| tests)/,
  /^(?:\.\/)?\S*manage\.py test\b/,
  /^coverage run\b.*(?:pytest|unittest|manage\.py|test)/,
  /^(?:go test|gotestsum|ginkgo|richgo test|gotest)\b/,
  /^(?:cargo (?:\+\S+ )?(?:test|nextest|tarpaulin|llvm-cov)|cargo-nextest)\b/,
  /^(?:rspec|rake (?:test|spec)|(?:\.\/)?bin\/(?:rspec|rails (?:test|spec))|rails (?:test|spec)|parallel_(?:test|rspec)|turbo_tests|cucumber|minitest|m)\b/,
  /^rake$/,
  /^(?:php )?(?:-d\S* )*(?:\.\/)?(?:vendor\/bin\/|bin\/)?(?:simple-)?(?:phpunit|pest|paratest|codecept run|behat|phpspec run)\b/,
  /^(?:composer (?:run |run-script )?\S*tests?\b|php (?:artisan|bin\/console) test|artisan test)/,
  /^dotnet (?:test|vstest)\b/,
  /^(?:sbt|lein|mill|mix|swift|flutter|dart|zig|crystal|stack|cabal|clojure|clj|rebar3|gleam|nimble)\b.*\b(?:test|spec|eunit|ct)\b/,
  /^(?:make|gmake)\b.*\s(?:[\w.-]*[-_])?(?:tests?|check|spec|unit|integration)(?:[-_:]\w+)*(?:\s|$)/,
  /^ctest\b/,
  /^(?:(?:ba)?sh )?(?:[\w.-]*\/)+(?:run[-_]?)?(?:unit[-_]|integration[-_]|ci[-_])?tests?(?:[-_](?:all|unit|integration|ci|start))?(?:\.sh)?(?: |$)/,
  /^(?:ba)?sh (?:run[-_]?)?tests?\.sh(?: |$)/,
];

const browserTests: RegExp[] = [
  /^(?:playwright test|cypress(?: run| open)?$|cypress run|testcafe|nightwatch|wdio|ember test|ng (?:test|e2e)|karma|codeceptjs|detox|maestro|bddgen|lhci|percy|chromatic)\b/,
];

const others: RegExp[] = [
  // Quality of the code.
  /^(?:eslint|prettier|biome|standard|xo|stylelint|oxlint|tslint|rome|dprint|semistandard|tsd|attw|publint|knip|depcheck|madge|cspell|commitlint|markdownlint\S*|remark|alex|vale|size-limit|bundlesize|jscpd|dependency-cruise\S*|depcruise|syncpack|sherif|manypkg|changeset|lockfile-lint|license-checker|redocly|spectral|buf|vacuum)\b/,
  /^(?:tsc|vue-tsc|tspc)\b.*--noEmit/,
  /^(?:flake8|black|isort|mypy|ruff|pylint|pyright|basedpyright|bandit|pre-commit|vulture|pydocstyle|pyflakes|pycodestyle|djlint|yapf|autoflake|interrogate|codespell|pip-audit|safety|twine|check-manifest|lizard|radon|ty|sqlfluff|deptry|mkdocs|sphinx-build)\b/,
  /^python[\d.]* -m (?:flake8|black|isort|mypy|ruff|pylint|pyright|bandit|compileall|build|twine|coverage|pre_commit)\b/,
  /^(?:golangci-lint|gofmt|gofumpt|goimports|staticcheck|revive|golint|errcheck|govulncheck|gosec|goreleaser|go (?:vet|fmt|version|env|list))\b/,
  /^cargo (?:\+\S+ )?(?:clippy|fmt|audit|deny|doc|publish|machete|udeps|bench|outdated|hack)\b/,
  /^(?:rubocop|standardrb|brakeman|bundler?-audit|erb_?lint|erblint|haml-lint|reek|fasterer|srb|steep|slim-lint|danger)\b/,
  /^(?:php )?(?:\.\/)?(?:vendor\/bin\/|bin\/)?(?:phpstan|psalm|phpcs|phpcbf|php-cs-fixer|pint|rector|phpmd|deptrac|parallel-lint|phan|infection|grumphp)\b/,
  /^composer (?:validate|audit|(?:run |run-script )?(?:lint|phpstan|psalm|cs|analy[sz]e|stan|style|check-style|format)\S*)/,
  /^dotnet (?:format|pack|publish|nuget|--info|--version)\b/,
  /^(?:hadolint|actionlint|yamllint|shellcheck|shfmt|terraform|tflint|checkov|trivy|grype|snyk|semgrep|gitleaks|trufflehog|zizmor|typos|ec|editorconfig-checker|lychee|reuse|licensed|addlicense)\b/,
  // Reports.
  /^(?:codecov|codecovcli|coveralls|goveralls|sonar-scanner|codacy\S*|cc-test-reporter|lcov|genhtml|reportgenerator|diff-cover|coverage|nyc|c8|gcovr|codeclimate)\b/,
  /^\S*(?:test-reporter|codecov|codeclimate)\S*(?: |$)/,
  // Deployment and version control.
  /^(?:npm|pnpm|yarn|yarn npm|bun) (?:publish|version|audit|outdated|pack|view|whoami|config|get|cache|store|login|set|dedupe|why|ls|list|licenses?|fund|doctor|npm audit|-v|--version|dlx)\b/,
  /^(?:npm|pnpm|yarn|bun|node|python[\d.]*|pip[\d.]*|java|javac|go|ruby|php|cargo|rustc|deno|docker|git|psql|mysql|composer|bundle|poetry|uv|which|mvn|gradle|\.\/mvnw|\.\/gradlew) (?:-v|-V|--version|version|-version)$/,
  /^git (?!config\b)/,
  /^(?:gh|hub|aws|gcloud|gsutil|az|kubectl|helm|kind|minikube|flyctl|fly|vercel|netlify|heroku|railway|wrangler|serverless|sls|firebase|pulumi|cdk|sam|sentry-cli|semantic-release|release-it|np|lerna (?:publish|version)|act|cosign|syft|goss|ngrok)\b/,
  /^(?:nx-cloud|nx (?:fix-ci|connect|format\S*|report|reset)|nx (?:affected|run-many)\b(?!.*(?:build|generate|codegen|prisma|compile)))/,
  /^(?:husky|lint-staged|only-allow|renovate\S*|is-ci|concurrently -h|ncu|npm-check-updates)\b/,
  // Nothing that a job deletes may be missing in the tree of the agent.
  /^rm\b/,
  /\bdocker login\b/,
  // What only prints, waits or measures.
  /^(?:ls|pwd|cat|head|tail|env|printenv|which|whoami|id|uname|df|du|free|lscpu|nproc|date|sleep|true|false|:|test|exit|set|shopt|ulimit|trap|wait|ps|top|kill|pkill|killall|jobs|netstat|ss|lsof|ping|nc|netcat|nslookup|dig|hostname|find|grep|jq|yq|diff|cmp|wc|sort|tree|file|stat|type|hash|read|time|history|journalctl|dmesg)\b/,
  /^(?:\[|\[\[|!) /,
  /^$/,
  /^(?:pg_isready|mysqladmin (?:.* )?(?:ping|status)|redis-cli (?:.* )?ping|wait-on|wait-for|wait-port|wait-for-it|dockerize|\S*wait[-_]for\S*|\/wait)(?: |$)/,
  /^(?:curl|wget|http|httpie|ssh|scp|rsync|ssh-keyscan|ssh-keygen|gpg|openssl s_client|fossa|cache)\b/,
  // Browsers, shells and caches.
  /^(?:playwright|cypress|puppeteer|ms-playwright|playwright-core) (?:install|install-deps|browsers|verify|cache)\b/,
  /^(?:corepack|nvm|fnm|volta|asdf|rbenv|pyenv|mise|sdk|rustup|phpenv|source|\.|eval|alias|unset|brew|choco|snap|pushd|popd|tar|zip|unzip|gzip)\b/,
];

const services: RegExp[] = [
  /^docker(?:-| )compose\b.*\s(?:up|start|run|exec)\b/,
  /^docker(?: container)? run\b/,
  /^podman(?:-| )compose\b.*\s(?:up|start|run|exec)\b/,
  /^(?:sudo )?(?:systemctl (?:start|restart|enable(?: --now)?)|service \S+ (?:start|restart)|\/etc\/init\.d\/\S+ (?:start|restart))/,
  /^(?:sudo )?service \S+ (?:start|restart)/,
];

const installs: RegExp[] = [
  /^(?:pip[\d.]*|pipx) (?:install|wheel|download|sync)\b/,
  /^python[\d.]* -m (?:pip|ensurepip|venv|pipx)\b/,
  /^(?:poetry|pdm|rye) (?:install|sync|lock|config|add|self|env|check|update|export)\b/,
  /^(?:uv) (?:sync|pip|venv|tool|lock|python|add)\b/,
  /^(?:pipenv) (?:install|sync|lock|verify)\b/,
  /^(?:conda|mamba|micromamba|virtualenv|pip-sync|hatch env)\b/,
  /^python[\d.]* setup\.py (?:install|develop|build_ext|build)\b/,
  /^go (?:mod (?:download|tidy|verify|vendor)|get|install)\b/,
  /^cargo (?:fetch|install|binstall)\b/,
  /^(?:bundle (?:install|config|check|update|lock)|gem (?:install|update)|bundle$|bundler? _)/,
  /^composer (?:install|update|require|global|config|self-update|dump-autoload|remove)\b/,
  /^dotnet (?:restore|tool)\b/,
  /^(?:mvn|\.\/mvnw|mvnw)\b.*\bdependency:/,
  /^lerna (?:bootstrap|link)/,
  /^deno (?:install|cache)\b/,
  /^(?:rush|bower|volta|bun) install\b/,
  /^mix (?:deps\.get|local\.)/,
];

const system: RegExp[] = [/^(?:apt-get|apt|aptitude|apk|yum|dnf) (?:-\S+ )*(?:install|add)\b/];

/** Judges a command by its words. @returns null if no rule says what it does */
export function findKind(words: string): CommandKind | null {
  const is = (rules: readonly RegExp[]) => rules.some((rule) => rule.test(words));
  if (is(services)) return 'services';
  if (is(system)) return 'system';
  if (is(installs)) return 'install';
  if (is(browserTests)) return 'browser-test';
  const build = findBuildKind(words);
  if (build) return build;
  if (is(tests)) return 'test';
  if (/^(?:sudo|apt-get|apt|docker(?:-compose)?|podman|docker-machine)\b/.test(words)) return 'other';
  return is(others) ? 'other' : null;
}

/** Maven and Gradle build, check and test with the same words. */
function findBuildKind(words: string): CommandKind | null {
  if (!/^(?:\S*\/)?(?:mvnw?|gradlew?|mvnd)\b/.test(words)) return null;
  const skips =
    /-DskipTests(?!=false)|-Dmaven\.test\.skip(?!=false)|(?:-x|--exclude-task)[ =](?:\S*:)?(?:test|check)\b/;
  const tests =
    /[\s:](?:test|check|verify|build|install|package|integration-test|\w+Test|\w+Tests|surefire:test)(?:\s|$)/;
  const checks =
    /[\s:](?:spotless\w*|checkstyle\w*|ktlint\w*|detekt|lint\w*|sonar\S*|javadoc|deploy|publish\w*|dokka\w*)(?:\s|$)/;
  if (!skips.test(words) && tests.test(words)) return 'test';
  if (checks.test(words) && !/[\s:](?:compile|assemble|classes|install|package|build)(?:\s|$)/.test(words))
    return 'other';
  return /--version|-v$/.test(words) ? 'other' : 'prepare';
}
