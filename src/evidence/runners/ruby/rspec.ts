import { hasFile } from '../../../environment/repository-tree.js';
import { parseReporterLines } from '../parsers/json-lines.js';
import { type Runner, reportsPath } from '../runner.js';
import { findRubySetup, throughBundler } from './ruby-project.js';

export const rspec: Runner = {
  name: 'rspec',
  findSetup: findRubySetup,
  detect: async (tree) =>
    tree.files.has('.rspec') || hasFile(tree, /^spec\/.*_spec\.rb$/) ? throughBundler(tree, 'rspec') : null,
  startedBy: /\brspec\b/,
  report: {
    through: 'environment',
    environment: {
      SPEC_OPTS: `--require ${reportsPath}/pullwright_rspec.rb --format progress --format PullwrightRspec`,
    },
    reporters: ['pullwright_rspec.rb'],
    takesFiles: true,
    files: `${reportsPath}/rspec-*.jsonl`,
    parse: parseReporterLines,
  },
  settingsFiles: ['.rspec', 'spec_helper.rb', 'Rakefile'],
  testPaths: /(^|\/)spec\/|_spec\.rb$/i,
};
