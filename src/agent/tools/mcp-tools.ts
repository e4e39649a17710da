import type Anthropic from '@anthropic-ai/sdk';
import type { McpTool, McpToolName } from '../../mcp/mcp-servers.js';
import type { Tool } from './tool.js';

export function defineMcpTool({ name, description, inputSchema }: McpTool): Anthropic.Tool {
  return { name, ...(description && { description }), input_schema: inputSchema };
}

/**
 * Makes the tools of MCP servers callable.
 * @param definitions the definitions that were sent to the model
 */
export function createMcpTools(
  names: readonly McpToolName[],
  definitions: readonly Anthropic.ToolUnion[],
): Tool[] {
  return names.flatMap(({ name, server, tool }) => {
    const definition = definitions.find((one) => 'name' in one && one.name === name);
    if (!definition) return [];
    return {
      name,
      definition,
      // A server may change files or depend on earlier calls, whatever it says about its tools.
      writes: () => true,
      summarize: (input: unknown) => JSON.stringify(input).slice(0, 200).toWellFormed(),
      call: (input: unknown, context) => context.callMcp(server, tool, input as Record<string, unknown>),
    } satisfies Tool;
  });
}
