import { hasFile, type RepositoryTree } from '../../../environment/repository-tree.js';

export async function findRubySetup({ files }: RepositoryTree): Promise<string[]> {
  // Bundler must install the gems outside of the repository. Inside, they would become part of the change.
  return files.has('Gemfile')
    ? ['bundle config set --global path "$HOME/.bundle/gems" && bundle install --quiet']
    : [];
}

/** Adds `bundle exec` to a command if the repository has a Gemfile. */
export function throughBundler({ files }: RepositoryTree, command: string): string {
  return files.has('Gemfile') ? `bundle exec ${command}` : command;
}

export function hasRubyTests(tree: RepositoryTree): boolean {
  return hasFile(tree, /^test\/(.*\/)?(test_\w+|\w+_test)\.rb$/);
}
