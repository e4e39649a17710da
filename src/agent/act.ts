import { performance } from 'node:perf_hooks';
import type Anthropic from '@anthropic-ai/sdk';
import { cutOutput } from './tools/cut-output.js';
import { endings } from './tools/ending-tools.js';
import type { Tool, ToolContext, ToolResult } from './tools/tool.js';
import type { Action, Reply } from './turn.js';

/** What people are told of one call. */
export interface CallReport {
  name: string;
  summary: string;
  ok: boolean;
  /** What it came to, where the tool says so in a few words. */
  note?: string;
  durationMs: number;
}

type Call = Anthropic.ToolUseBlock;

/** Each may be a command with the whole of the sandbox's limits for itself, and a reply may hold hundreds of calls. */
const maxSideBySide = 4;

/**
 * Does what a reply calls for. Calls that write happen in the order of the reply; those between them run side by side, a few at a time.
 * Once the signal is aborted, none is begun any more.
 * @returns a result for every call, in the reply's order: the API takes nothing less
 */
export async function act(
  reply: Reply,
  turn: number,
  tools: readonly Tool[],
  context: ToolContext,
): Promise<Omit<Action, 'checkpoint'> & { reports: CallReport[] }> {
  const calls = reply.content.filter((block): block is Call => block.type === 'tool_use');
  // An end that comes together with other calls waits for them, wherever it stands.
  const ordered = [
    ...calls.filter(({ name }) => !endings.has(name)),
    ...calls.filter(({ name }) => endings.has(name)),
  ];
  const results = new Map<string, Anthropic.ToolResultBlockParam>();
  const reports = new Map<string, CallReport>();
  let outcome: Action['outcome'] = null;

  const perform = async (call: Call) => {
    const started = performance.now();
    const tool = tools.find(({ name }) => name === call.name);
    const result: ToolResult = context.signal?.aborted
      ? { ok: false, text: 'not done: people have stopped the work' }
      : reply.stopReason === 'max_tokens' && call === calls.at(-1)
        ? {
            ok: false,
            text: 'Your reply reached the length limit, and this call may be cut: it was not made. Make it again, smaller.',
          }
        : tool
          ? await tool.call(call.input, context)
          : {
              ok: false,
              text: `there is no tool ${call.name}; there are ${tools.map(({ name }) => name).join(', ')}`,
            };
    const file = `turn-${turn}-${calls.indexOf(call) + 1}.txt`;
    const text = await cutOutput(result.text, context.workspace.outputsFolder, file);
    results.set(call.id, {
      type: 'tool_result',
      tool_use_id: call.id,
      content: text,
      ...(!result.ok && { is_error: true }),
    });
    reports.set(call.id, {
      name: call.name,
      summary: tool?.summarise(call.input) ?? 'unknown tool',
      ok: result.ok,
      ...(result.note && { note: result.note }),
      durationMs: Math.round(performance.now() - started),
    });
    outcome = result.outcome ?? outcome;
  };

  for (const group of groupCalls(ordered, tools)) await Promise.all(group.map(perform));
  const inOrder = <T>(map: Map<string, T>) => calls.flatMap(({ id }) => map.get(id) ?? []);
  return { results: inOrder(results), reports: inOrder(reports), outcome };
}

function groupCalls(calls: readonly Call[], tools: readonly Tool[]): Call[][] {
  const groups: Call[][] = [];
  let open: Call[] | null = null;
  for (const call of calls) {
    const alone = tools.find(({ name }) => name === call.name)?.writes(call.input) ?? false;
    if (alone || !open || open.length === maxSideBySide) {
      open = [];
      groups.push(open);
    }
    open.push(call);
    if (alone) open = null;
  }
  return groups;
}
