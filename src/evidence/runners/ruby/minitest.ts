import { parseReporterLines } from '../parsers/json-lines.js';
import { type Runner, reportsPath } from '../runner.js';
import { findRubySetup, hasRubyTests, throughBundler } from './ruby-project.js';

export const minitest: Runner = {
  name: 'minitest',
  findSetup: findRubySetup,
  detect: async (tree) => {
    const { files, readFile } = tree;
    const hasTests = hasRubyTests(tree);
    if (!files.has('Gemfile') && !(hasTests && files.has('Rakefile'))) return null;
    const hasTask = /\b(Rake::TestTask|Minitest::TestTask|Rails)\b/.test((await readFile('Rakefile')) ?? '');
    if (!hasTask && !hasTests) return null;
    return files.has('bin/rails') ? 'bin/rails test' : throughBundler(tree, 'rake test');
  },
  startedBy: /\brails test\b|\brake test\b/,
  report: {
    through: 'environment',
    environment: { RUBYOPT: `-r${reportsPath}/pullwright_minitest.rb` },
    reporters: ['pullwright_minitest.rb'],
    files: `${reportsPath}/minitest-*.jsonl`,
    parse: parseReporterLines,
  },
  settingsFiles: ['test_helper.rb', 'Rakefile'],
  testPaths: /(^|\/)test\/|(^|\/)(test_[^/]*|[^/]*_test)\.rb$/i,
};
