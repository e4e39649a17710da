import type { Command, Sandbox } from '../../sandbox/sandbox.js';
import type { Provision } from '../provision.js';

/** A sandbox for the repository's commands. */
export interface ProjectSandbox extends Sandbox {
  /** The same sandbox for our own scripts. They get no variables, no folders on PATH and no services. */
  readonly own: Sandbox;
}

/**
 * Adds to the repository's commands what this machine provides: variables, folders on PATH, and the services
 * of commands that need them.
 */
export function createProjectSandbox(
  own: Sandbox,
  { path, variables, services }: Pick<Provision, 'path' | 'variables' | 'services'>,
): ProjectSandbox {
  return {
    own,
    dispose: () => own.dispose(),
    execute: ({ services: needsServices, ...command }) =>
      own.execute({
        ...command,
        ...(path.length > 0 && { path: [...path, ...(command.path ?? [])] }),
        env: mergeVariables(variables, command.env),
        // The lines of a dialogue belong to one program, such as an MCP server.
        ...(needsServices && services && !command.dialogue && { script: services.wrap(command.script) }),
      }),
  };
}

/** Node loads the reporters of tests with NODE_OPTIONS, and CI often sets the memory of Node with it. */
function mergeVariables(
  provided: Readonly<Record<string, string>>,
  own: Command['env'] = {},
): Record<string, string> {
  const options = [provided.NODE_OPTIONS, own.NODE_OPTIONS].filter(Boolean).join(' ');
  return { ...provided, ...own, ...(options && { NODE_OPTIONS: options }) };
}
