import type Anthropic from '@anthropic-ai/sdk';
import type { Reply } from '../model/model.js';
import type { RepositoryInstructions } from '../task/task.js';
import { data } from './data.js';

const maxWords = 200;

/** Returns the paths that the calls of a reply name, relative to /workspace. */
export function findTouchedPaths({ content }: Pick<Reply, 'content'>): string[] {
  return content.flatMap((block) => {
    if (block.type !== 'tool_use') return [];
    const { path, command } = block.input as { path?: unknown; command?: unknown };
    if (typeof path === 'string') return [path.replace(/^\/workspace\//, '')];
    return block.name === 'bash' && typeof command === 'string' ? findPathsOfCommand(command) : [];
  });
}

/** Finds words that look like paths. A word that is not a path does no harm. */
function findPathsOfCommand(command: string): string[] {
  const text = command.replaceAll('/workspace/', ' ');
  const entered = [...text.matchAll(/\bcd ["']?([\w@.-]+)/g)].map(([, folder = '']) => folder);
  const words = text.match(/[\w@.-]+(?:\/[\w@.-]+)+/g) ?? [];
  return [...entered, ...words].slice(0, maxWords);
}

/** Renders instructions for the agent. Our own words are in a separate block. */
export function renderFolderInstructions(
  found: readonly RepositoryInstructions[],
): Anthropic.TextBlockParam[] {
  if (found.length === 0) return [];
  const notice =
    'The repository has instructions for folders that you touched. Follow them in these folders.';
  const files = found.map(({ path, text }) => data('instructions', text, { file: path }));
  return [notice, files.join('\n\n')].map((text) => ({ type: 'text', text }));
}
