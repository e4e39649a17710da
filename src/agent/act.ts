import { performance } from 'node:perf_hooks';
import type Anthropic from '@anthropic-ai/sdk';
import type { Reply } from '../model/model.js';
import { cutOutput, saveOutput } from './tools/cut-output.js';
import { endingTools } from './tools/ending-tools.js';
import type { Tool, ToolContext, ToolResult } from './tools/tool.js';
import type { Action, TouchedFiles } from './turn.js';

/** A human-readable description of one tool call. */
export interface CallReport {
  name: string;
  summary: string;
  ok: boolean;
  /** The result in a few words. Some tools do not set it. */
  note?: string;
  durationMs: number;
}

type Call = Anthropic.ToolUseBlock;

/**
 * Maximum number of calls that run at the same time. This limits the load, because a reply can contain
 * hundreds of calls, and each call can use all resources of a sandbox.
 */
const maxConcurrentCalls = 4;

/** The stop reasons after which the last call of a reply is complete. */
const wholeReplies = new Set(['tool_use', 'end_turn']);

/**
 * Runs the tool calls of a reply. A call that writes never runs at the same time as another call. The calls
 * that write run in the reply's order. Calls that only read can run concurrently. After a user stops the run,
 * no further call starts.
 * @returns a result for every call, in the reply's order, because the API requires this
 */
export async function act(
  reply: Reply,
  turn: number,
  tools: readonly Tool[],
  context: ToolContext,
): Promise<Omit<Action, 'checkpoint'> & { reports: CallReport[] }> {
  const calls = reply.content.filter((block): block is Call => block.type === 'tool_use');
  // A call that ends the work runs after all other calls, even if it comes earlier in the reply.
  const ordered = [
    ...calls.filter(({ name }) => !endingTools.has(name)),
    ...calls.filter(({ name }) => endingTools.has(name)),
  ];
  const results = new Map<string, Anthropic.ToolResultBlockParam>();
  const reports = new Map<string, CallReport>();
  let outcome: Action['outcome'] = null;
  const startedAt = performance.now();
  const files: Required<TouchedFiles> = { ignoredFiles: [], edited: [], testsWrote: [], keep: [] };

  const perform = async (call: Call) => {
    const started = performance.now();
    const isCut = !wholeReplies.has(reply.stopReason) && call === calls.at(-1);
    const result = await callTool(call, isCut, tools, context);
    const file = `turn-${turn}-${calls.indexOf(call) + 1}.txt`;
    results.set(call.id, {
      type: 'tool_result',
      tool_use_id: call.id,
      content: withImages(
        await limitText(result, context.workspace.outputsFolder, file),
        result.images ?? [],
      ),
      ...(!result.ok && { is_error: true }),
    });
    reports.set(call.id, {
      name: call.name,
      summary: tools.find(({ name }) => name === call.name)?.summarize(call.input) ?? 'unknown tool',
      ok: result.ok,
      ...(result.note && { note: result.note }),
      durationMs: Math.round(performance.now() - started),
    });
    outcome = result.outcome ?? outcome;
    if (result.ignoredFile) files.ignoredFiles.push(result.ignoredFile);
    files.edited.push(...(result.editedFiles ?? []));
    files.keep.push(...(result.keep ?? []));
    files.testsWrote.push(...(result.testsWrote ?? []));
  };

  for (const group of groupCalls(ordered, tools)) await Promise.all(group.map(perform));
  const inOrder = <T>(map: Map<string, T>) => calls.flatMap(({ id }) => map.get(id) ?? []);
  const durationMs = Math.round(performance.now() - startedAt);
  return {
    results: inOrder(results),
    reports: inOrder(reports),
    outcome,
    durationMs,
    ...Object.fromEntries(Object.entries(files).filter(([, paths]) => paths.length > 0)),
  };
}

/** @param file name of the file in the outputs folder that gets the full text, if it does not fit */
async function limitText(
  { text, full, isLimited }: ToolResult,
  folder: string,
  file: string,
): Promise<string> {
  if (full !== undefined) return `${text}\n[${await saveOutput(full, folder, file)}]`;
  return isLimited ? text : cutOutput(text, folder, file);
}

function withImages(
  text: string,
  images: NonNullable<ToolResult['images']>,
): NonNullable<Anthropic.ToolResultBlockParam['content']> {
  if (images.length === 0) return text;
  return [
    { type: 'text', text },
    ...images.map(({ mediaType, data }): Anthropic.ImageBlockParam => {
      return { type: 'image', source: { type: 'base64', media_type: mediaType, data } };
    }),
  ];
}

/** @param isCut whether the end of the reply may have cut off this call */
async function callTool(
  call: Call,
  isCut: boolean,
  tools: readonly Tool[],
  context: ToolContext,
): Promise<ToolResult> {
  if (context.signal?.aborted) return { ok: false, text: 'Not run: a user stopped this run.' };
  if (isCut)
    return {
      ok: false,
      text: 'Not run: your reply ended early, which may have cut this call. Repeat it, in a shorter reply.',
    };
  const tool = tools.find(({ name }) => name === call.name);
  if (tool) return tool.call(call.input, context);
  const names = tools.map(({ name }) => name).join(', ');
  return { ok: false, text: `There is no tool ${call.name}. The tools are: ${names}.` };
}

/** Groups calls that can run concurrently. Each call that writes gets its own group. */
function groupCalls(calls: readonly Call[], tools: readonly Tool[]): Call[][] {
  const groups: Call[][] = [];
  let open: Call[] | null = null;
  for (const call of calls) {
    const writes = tools.find(({ name }) => name === call.name)?.writes(call.input) ?? false;
    if (writes || !open || open.length === maxConcurrentCalls) {
      open = [];
      groups.push(open);
    }
    open.push(call);
    if (writes) open = null;
  }
  return groups;
}
