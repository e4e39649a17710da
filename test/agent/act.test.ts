import { mkdir, readdir, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { act } from '../../src/agent/act.js';
import { cutOutput } from '../../src/agent/tools/cut-output.js';
import type { Tool, ToolContext } from '../../src/agent/tools/tool.js';
import type { Reply } from '../../src/agent/turn.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let outputs: string;
beforeEach(async () => {
  folder = await createTemporaryFolder();
  outputs = path.join(folder.path, 'outputs');
  await mkdir(outputs);
});
afterEach(() => folder.remove());

test('of calls that may run side by side a few do at a time, and each has its result in the order of the reply', async () => {
  let [running, most] = [0, 0];
  const look: Tool = {
    name: 'look',
    definition: { name: 'look', input_schema: { type: 'object' } },
    writes: () => false,
    summarise: () => 'look',
    call: async (input) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
      return { ok: true, text: String((input as { at: number }).at) };
    },
  };
  const content = Array.from({ length: 30 }, (_, at) => ({
    type: 'tool_use',
    id: `c${at}`,
    name: 'look',
    input: { at },
  }));
  const reply = { content, stopReason: 'tool_use' } as unknown as Reply;
  const context = { workspace: { outputsFolder: outputs } } as unknown as ToolContext;
  const { results } = await act(reply, 1, [look], context);
  expect(most).toBe(4);
  expect(results.map((result) => 'content' in result && result.content)).toEqual(
    content.map((_, at) => String(at)),
  );
});

describe('cutOutput', () => {
  const long = 'x'.repeat(9000);

  test('keeps the whole of a long output in a file', async () => {
    expect(await cutOutput(long, outputs, 'a.txt')).toContain(
      '1000 characters left out; the whole output: /outputs/a.txt',
    );
    expect(await readdir(outputs)).toEqual(['a.txt']);
  });

  test('keeps no more of a run than the disk of the host has for it, and says so', async () => {
    const full = path.join(outputs, 'full.txt');
    await writeFile(full, '');
    await truncate(full, 256 * 1024 * 1024);
    expect(await cutOutput(long, outputs, 'a.txt')).toContain(
      '1000 characters left out; not kept: /outputs is full',
    );
    expect(await readdir(outputs)).toEqual(['full.txt']);
  });
});
