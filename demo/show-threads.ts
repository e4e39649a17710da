import type { DemoWorld } from './start-demo-world.js';
import { removeControlCharacters, type Terminal, wrap } from './terminal.js';

/** Prints every review thread of a pull request with its replies. */
export function showThreads(
  { github }: DemoWorld,
  repository: string,
  number: number,
  terminal: Terminal,
): void {
  const { pull } = github.state.pullRequest(github.state.repository(repository), number);
  for (const { path, line, comments } of pull.threads) {
    terminal.print();
    terminal.print(terminal.dim(`  ${path}${line ? `:${line}` : ''}`));
    for (const { author, body } of comments) {
      const text = `${terminal.bold(`${author.login}:`)} ${removeControlCharacters(removeComments(body))}`;
      for (const row of wrap(text, terminal.width, '    ')) terminal.print(row);
    }
  }
}

/** Removes HTML comments, which GitHub does not show either. */
function removeComments(body: string): string {
  return body.replace(/<!--[\s\S]*?-->/g, '').trim();
}
