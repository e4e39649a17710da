import { parseJunit } from './parsers/xml.js';
import { type Runner, reportsPath } from './runner.js';

export const phpunit: Runner = {
  name: 'phpunit',
  findSetup: async ({ readFile }) =>
    (await readFile('composer.json')) === null ? [] : ['composer install --no-interaction --no-progress'],
  detect: async ({ files, readFile }) => {
    const composer = await readFile('composer.json');
    if (composer === null) return null;
    const isUsed =
      files.has('phpunit.xml') || files.has('phpunit.xml.dist') || composer.includes('phpunit/phpunit');
    return isUsed ? 'vendor/bin/phpunit' : null;
  },
  startedBy: /\bphpunit\b/,
  report: {
    through: 'command',
    rewrite: (command) => `${command} --log-junit ${reportsPath}/phpunit.xml`,
    wrapper: {
      program: 'php',
      script: `for word in "$@"; do
  case $word in
    -*|*=*) continue;;
    phpunit|*/phpunit|*/phpunit.phar|*/pest) exec "$real" "$@" --log-junit ${reportsPath}/phpunit-$$.xml;;
    artisan) [ "$2" = test ] && exec "$real" "$@" --log-junit ${reportsPath}/phpunit-$$.xml;;
  esac
  break
done
exec "$real" "$@"`,
    },
    files: `${reportsPath}/phpunit*.xml`,
    parse: (text, _printed, folder) => ({ cases: parseJunit(text, folder) }),
  },
  settingsFiles: ['phpunit.xml', 'phpunit.xml.dist'],
  testPaths: /(^|\/)[^/]*(Test|Tests|Spec)\.php$/,
};
