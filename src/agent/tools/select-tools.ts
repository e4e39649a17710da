import { bash } from './bash.js';
import { editFile, viewFile } from './edit-file.js';
import { askQuestion, submit } from './ending-tools.js';
import { runTests } from './run-tests.js';
import { search } from './search.js';
import type { Tool } from './tool.js';

/**
 * Every tool, in the order in which the model gets them, with the names in an agent file that grant it:
 * Claude Code's names and ours, in lower case. If two tools of the same name are granted, the first one
 * counts.
 */
const catalog: { tool: Tool; grantedBy: readonly string[] | 'always' }[] = [
  { tool: bash, grantedBy: ['bash'] },
  { tool: editFile, grantedBy: ['edit', 'write', 'multiedit', 'notebookedit', editFile.name] },
  { tool: viewFile, grantedBy: ['read', 'ls', 'view', 'notebookread'] },
  { tool: search, grantedBy: ['grep', 'glob', 'search'] },
  { tool: runTests, grantedBy: ['run_tests', 'bash'] },
  // Without these an agent could not end its work.
  { tool: askQuestion, grantedBy: 'always' },
  { tool: submit, grantedBy: 'always' },
];

/**
 * Selects the tools that an agent file grants. Unknown names grant nothing, and so does a narrowed tool such
 * as `Bash(git diff:*)`, because the sandbox cannot narrow it.
 * @param names the file's `tools`; null grants all of them
 */
export function selectTools(names: readonly string[] | null): Tool[] {
  const granted = new Set(names?.map((name) => name.trim().toLowerCase()));
  return catalog
    .filter(({ grantedBy }) => !names || grantedBy === 'always' || grantedBy.some((one) => granted.has(one)))
    .map(({ tool }) => tool)
    .filter(({ name }, index, tools) => tools.findIndex((one) => one.name === name) === index);
}
