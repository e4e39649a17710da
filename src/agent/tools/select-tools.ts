import { addDependency } from './add-dependency.js';
import { bash } from './bash.js';
import { editFile, viewFile } from './edit-file.js';
import { askQuestion, submit } from './ending-tools.js';
import { runTests } from './run-tests.js';
import { search } from './search.js';
import type { Tool } from './tool.js';

/**
 * All tools, in the order in which the model gets them. `grantedBy` lists the names that grant a tool in an
 * agent file. The list contains Claude Code's names and our own, in lowercase. If two granted tools have the
 * same name, the model gets the first one.
 */
const catalog: { tool: Tool; grantedBy: readonly string[] | 'always' }[] = [
  { tool: bash, grantedBy: ['bash'] },
  { tool: editFile, grantedBy: ['edit', 'write', 'multiedit', 'notebookedit', editFile.name] },
  { tool: viewFile, grantedBy: ['read', 'ls', 'view', 'notebookread'] },
  { tool: search, grantedBy: ['grep', 'glob', 'search'] },
  { tool: runTests, grantedBy: ['run_tests', 'bash'] },
  { tool: addDependency, grantedBy: ['add_dependency', 'bash'] },
  // Without the next two tools, an agent could not end its work.
  { tool: askQuestion, grantedBy: 'always' },
  { tool: submit, grantedBy: 'always' },
];

/**
 * Selects the tools that an agent file grants. An unknown name grants nothing. A restricted name such as
 * `Bash(git diff:*)` also grants nothing, because the sandbox cannot enforce the restriction.
 * @param names the file's `tools`; null grants all tools
 */
export function selectTools(names: readonly string[] | null): Tool[] {
  const granted = new Set(names?.map((name) => name.trim().toLowerCase()));
  return catalog
    .filter(({ grantedBy }) => !names || grantedBy === 'always' || grantedBy.some((one) => granted.has(one)))
    .map(({ tool }) => tool)
    .filter(({ name }, index, tools) => tools.findIndex((one) => one.name === name) === index);
}
