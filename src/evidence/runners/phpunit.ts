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
    files: `${reportsPath}/phpunit.xml`,
    parse: (text, _printed, folder) => ({ cases: parseJunit(text, folder) }),
  },
  settingsFiles: ['phpunit.xml', 'phpunit.xml.dist'],
  testPaths: /(^|\/)[^/]*(Test|Tests|Spec)\.php$/,
};
