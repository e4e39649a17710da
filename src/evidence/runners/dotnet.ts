import { hasFile, type RepositoryTree } from '../../environment/repository-tree.js';
import { type ReportedCase, testCase } from './parsers/test-case.js';
import { childNodes, parseXml, readFailure, textOf, type XmlNode } from './parsers/xml.js';
import { type Runner, reportsPath } from './runner.js';

export const dotnet: Runner = {
  name: 'dotnet',
  findSetup: async (tree) => (hasProject(tree) ? ['dotnet restore'] : []),
  detect: async (tree) =>
    hasProject(tree) && hasFile(tree, /tests?\.(cs|fs)proj$/i) ? 'dotnet test --no-restore' : null,
  startedBy: /\bdotnet test\b/,
  report: {
    through: 'command',
    rewrite: (command) => `${command} --logger trx --results-directory ${reportsPath}`,
    wrapper: {
      program: 'dotnet',
      script: `[ "$1" = test ] || exec "$real" "$@"
shift
exec "$real" test --logger trx --results-directory ${reportsPath} "$@"`,
    },
    files: `${reportsPath}/*.trx`,
    parse: (text) => ({ cases: parseTrx(text) }),
  },
  settingsFiles: ['Directory.Build.props', '*.runsettings'],
  testPaths: /(^|\/)[^/]*(Test|Tests|Spec|IT)\.(cs|fs)$/,
};

/** The commands of .NET accept only a project or a solution of the folder in which they run. */
function hasProject(tree: RepositoryTree): boolean {
  return hasFile(tree, /^[^/]+\.(sln|slnx|csproj|fsproj)$/);
}

/** Reads a report in TRX, .NET's format for test results. */
function parseTrx(text: string): ReportedCase[] {
  const run = parseXml(text).TestRun as { Results?: XmlNode } | undefined;
  return childNodes(run?.Results?.UnitTestResult).map((one) => {
    const outcome =
      one['@outcome'] === 'Passed' ? 'passed' : one['@outcome'] === 'Failed' ? 'failed' : 'skipped';
    const output = one.Output as XmlNode | undefined;
    const reported = { ...readFailure(output?.ErrorInfo), output: textOf(output?.StdOut) };
    return testCase(null, [String(one['@testName'] ?? '')], outcome, reported);
  });
}
