import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { act } from '../../src/agent/act.js';
import { bash } from '../../src/agent/tools/bash.js';
import { selectTools } from '../../src/agent/tools/select-tools.js';
import type { Tool, ToolContext } from '../../src/agent/tools/tool.js';
import type { Reply } from '../../src/model/model.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

const context = { workspace: { outputsFolder: '/nowhere' } } as unknown as ToolContext;

function createReply(calls: { name: string; input?: object }[], stopReason = 'tool_use'): Reply {
  const content = calls.map(({ name, input = {} }, at) => ({ type: 'tool_use', id: `c${at}`, name, input }));
  return { content, stopReason } as unknown as Reply;
}

function createTool(call: Tool['call'], name = 'look'): Tool {
  return {
    name,
    definition: { name, input_schema: { type: 'object' } },
    writes: () => false,
    summarize: () => name,
    call,
  };
}

const textsOf = ({ results }: Awaited<ReturnType<typeof act>>) =>
  results.map((result) => 'content' in result && result.content);

describe('act', () => {
  test('makes at most four calls at a time and returns the results in the order of the reply', async () => {
    let [running, most] = [0, 0];
    const look = createTool(async (input) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
      return { ok: true, text: String((input as { at: number }).at) };
    });
    const calls = Array.from({ length: 30 }, (_, at) => ({ name: 'look', input: { at } }));
    const action = await act(createReply(calls), 1, [look], context);
    expect(most).toBe(4);
    expect(textsOf(action)).toEqual(calls.map((_, at) => String(at)));
  });

  test('runs the commands of a reply one after the other, because they can change anything', async () => {
    const made: string[] = [];
    const execute = async ({ script }: { script: string }) => {
      made.push(`${script} begins`);
      await new Promise(setImmediate);
      made.push(`${script} ends`);
      return { exitCode: 0, ended: 'exited', output: script };
    };
    const workspace = { outputsFolder: '/nowhere', sandbox: { execute } };
    const reply = createReply(['a', 'b', 'c'].map((command) => ({ name: 'bash', input: { command } })));
    const action = await act(reply, 1, [bash], { workspace } as unknown as ToolContext);
    expect(made).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
    expect(textsOf(action)).toEqual(['a', 'b', 'c']);
  });

  test.each([
    ['bash', { command: 'ls' }, true],
    ['run_tests', {}, true],
    ['add_dependency', { packages: ['a'] }, true],
    ['search', { pattern: 'a' }, false],
    ['str_replace_based_edit_tool', { command: 'view', path: 'a' }, false],
    ['str_replace_based_edit_tool', { command: 'create', path: 'a', file_text: '' }, true],
  ])('a call of %s with %j runs alone: %s', (name, input, expected) => {
    const tool = selectTools(null).find((one) => one.name === name);
    expect(tool?.writes(input)).toBe(expected);
  });

  test('makes a call that ends the work last, even if other calls follow it in the reply', async () => {
    const made: string[] = [];
    const record = (name: string) =>
      createTool(async () => {
        made.push(name);
        return { ok: true, text: name };
      }, name);
    const reply = createReply([{ name: 'submit' }, { name: 'look' }]);
    const action = await act(reply, 1, [record('look'), record('submit')], context);
    expect(made).toEqual(['look', 'submit']);
    expect(textsOf(action)).toEqual(['submit', 'look']);
  });

  test('saves the full text of a result that shows a part of it', async () => {
    const folder = await createTemporaryFolder();
    const look = createTool(async () => ({ ok: true, text: 'a part', full: 'all of it' }));
    const inFolder = { workspace: { outputsFolder: folder.path } } as unknown as ToolContext;
    const action = await act(createReply([{ name: 'look' }]), 7, [look], inFolder);
    expect(textsOf(action)).toEqual(['a part\n[full text: /outputs/turn-7-1.txt]']);
    expect(await readFile(path.join(folder.path, 'turn-7-1.txt'), 'utf8')).toBe('all of it');
    await folder.remove();
  });

  test('does not make the last call of a reply that reached its length limit', async () => {
    const look = createTool(async () => ({ ok: true, text: 'seen' }));
    const reply = createReply([{ name: 'look' }, { name: 'look' }], 'max_tokens');
    expect(textsOf(await act(reply, 1, [look], context))).toEqual([
      'seen',
      expect.stringMatching(/^Not run: your reply ended early/),
    ]);
  });

  test('returns the images of a result after its text', async () => {
    const images = [{ mediaType: 'image/png', data: 'AAAA' } as const];
    const look = createTool(async () => ({ ok: true, text: 'seen', images }));
    const [content] = textsOf(await act(createReply([{ name: 'look' }]), 1, [look], context));
    expect(content).toEqual([
      { type: 'text', text: 'seen' },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
    ]);
  });

  test('answers a call of an unknown tool with the names of the known ones', async () => {
    const look = createTool(async () => ({ ok: true, text: 'seen' }));
    expect(textsOf(await act(createReply([{ name: 'stare' }]), 1, [look], context))).toEqual([
      'There is no tool stare. The tools are: look.',
    ]);
  });

  test('makes no call once the run was stopped', async () => {
    const look = createTool(async () => ({ ok: true, text: 'seen' }));
    const stopped = { ...context, signal: AbortSignal.abort() };
    expect(textsOf(await act(createReply([{ name: 'look' }]), 1, [look], stopped))).toEqual([
      'Not run: a user stopped this run.',
    ]);
  });
});
