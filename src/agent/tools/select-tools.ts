import { bash } from './bash.js';
import { editFile, viewFile } from './edit-file.js';
import { askQuestion, submit } from './ending-tools.js';
import { runTests } from './run-tests.js';
import { search } from './search.js';
import type { Tool } from './tool.js';

const shell = new Set(['bash']);
const writing = new Set(['edit', 'write', 'multiedit', 'notebookedit', 'str_replace_based_edit_tool']);
const reading = new Set(['read', 'ls', 'view', 'notebookread']);
const finding = new Set(['grep', 'glob', 'search']);
const testing = new Set(['run_tests']);

/**
 * The tools that an agent file grants, in a fixed order. Files name them as Claude Code does or as we do; names of tools
 * that there are not here grant nothing. Without an end no work would be told of: those two are always there.
 * @param names of the file's `tools`; null: all of them
 */
export function selectTools(names: readonly string[] | null): Tool[] {
  const grants = (set: ReadonlySet<string>) =>
    // `Bash(git diff:*)` is Claude Code's way to narrow a tool; narrower than the tool itself is not known here.
    names === null || names.some((name) => set.has(name.trim().toLowerCase()));
  return [
    ...(grants(shell) ? [bash] : []),
    ...(grants(writing) ? [editFile] : grants(reading) ? [viewFile] : []),
    ...(grants(finding) ? [search] : []),
    ...(grants(testing) || grants(shell) ? [runTests] : []),
    askQuestion,
    submit,
  ];
}
