import { parseReporterLines } from '../parsers/json-lines.js';
import { type NodeEdit, type NodeLibrary, type NodeProgram, type Runner, reportsPath } from '../runner.js';

/*
 * Test runners without a report of their own, whose results Pullwright's reporters write one per line.
 */

const testPaths = /(^|\/)(tests?|specs?|__tests__)\/|[._-](test|spec)\.[cm]?[jt]sx?$/i;

function describeRunner(
  name: string,
  startedBy: RegExp,
  parts: {
    reporter: string;
    programs?: readonly NodeProgram[];
    libraries?: readonly NodeLibrary[];
    edits?: readonly NodeEdit[];
    settingsFiles?: readonly string[];
  },
): Runner {
  const { reporter, programs = [], settingsFiles = [], ...more } = parts;
  const editing = ['others/edit-modules.cjs', 'others/edit-hooks.mjs'];
  return {
    name,
    startedBy,
    report: {
      through: 'node',
      programs,
      ...more,
      reporters: [
        `others/${reporter}`,
        ...(parts.edits ? editing : []),
        ...['others/open-cases.cjs', 'describe-error.cjs', 'open-report.cjs'],
      ],
      // The reports of `jasmine` have names that begin with `jasmine-`.
      files: `${reportsPath}/${name.replace('-', '_')}-*.jsonl`,
      parse: parseReporterLines,
    },
    settingsFiles,
    testPaths,
  };
}

export const smallRunners: readonly Runner[] = [
  describeRunner('jasmine-node', /(?:^|[\s/])jasmine-node(?:\s|$)/, {
    reporter: 'jasmine-node.cjs',
    libraries: [{ script: /\/jasmine-node\/lib\/jasmine-node\/index\.js$/, attaches: 'jasmine-node.cjs' }],
  }),
  describeRunner('nodeunit', /(?:^|[\s/])nodeunit(?:\s|$)/, {
    reporter: 'nodeunit.cjs',
    libraries: [{ script: /\/nodeunit\/lib\/core\.js$/, attaches: 'nodeunit.cjs' }],
  }),
  describeRunner('vows', /(?:^|[\s/])vows(?:\s|$)/, {
    reporter: 'vows.cjs',
    libraries: [{ script: /\/vows\/lib\/vows\/suite\.js$/, attaches: 'vows.cjs' }],
  }),
  describeRunner('poku', /(?:^|[\s/])poku(?:\s|$)/, {
    reporter: 'poku.cjs',
    programs: [
      {
        script: /\/poku\/lib\/bin\/index\.[cm]?js$/,
        arguments: [],
        attaches: 'poku.cjs',
        removes: /^--fail-?fast$/i,
        watches: /^(--watch|-w)$/,
        files: { as: 'relative', at: 'end' },
      },
    ],
    settingsFiles: ['poku.config.*', '.pokurc.*'],
  }),
  describeRunner('uvu', /(?:^|[\s/])uvu(?:\s|$)/, {
    reporter: 'uvu.cjs',
    programs: [{ script: /\/uvu\/bin\.js$/, arguments: [], removes: /^(--bail|-b)$/ }],
    edits: [{ script: /\/uvu\/dist\/index\.m?js$/, ofPackage: 'uvu', edits: 'uvu.cjs' }],
  }),
  // Its tests start with a file of the repository, such as `node bin/test.js`.
  describeRunner(
    'japa',
    /(?:^|[\s/])(?:ace(?:\.js)?|adonis) test(?:\s|$)|\bbin\/(?:test|japa\w*)\.[cm]?[jt]s(?:\s|$)/,
    {
      reporter: 'japa.cjs',
      edits: [{ script: /\/emittery\/index\.js$/, ofPackage: '@japa/runner', edits: 'japa.cjs' }],
      settingsFiles: ['adonisrc.ts', '.adonisrc.json'],
    },
  ),
];
