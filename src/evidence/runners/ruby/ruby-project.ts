import { hasFile, type RepositoryTree } from '../../repository-tree.js';

export async function findRubySetup({ files }: RepositoryTree): Promise<string[]> {
  // Gems in the repository's folder would become part of the change.
  return files.has('Gemfile')
    ? ['bundle config set --global path "$HOME/.bundle/gems" && bundle install --quiet']
    : [];
}

/** `bundle exec` where the repository has a Gemfile. */
export function throughBundler({ files }: RepositoryTree, command: string): string {
  return files.has('Gemfile') ? `bundle exec ${command}` : command;
}

export function hasRubyTests(tree: RepositoryTree): boolean {
  return hasFile(tree, /^test\/(.*\/)?(test_\w+|\w+_test)\.rb$/);
}
