import { mkdir, readdir, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { cutOutput } from '../../../src/agent/tools/cut-output.js';
import { createTemporaryFolder } from '../../support/temporary-folder.js';

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let outputs: string;
beforeEach(async () => {
  folder = await createTemporaryFolder();
  outputs = path.join(folder.path, 'outputs');
  await mkdir(outputs);
});
afterEach(() => folder.remove());

describe('cutOutput', () => {
  const long = 'x'.repeat(9000);

  test('saves the full text of a long output in a file', async () => {
    expect(await cutOutput(long, outputs, 'a.txt')).toContain(
      '1000 characters omitted; full text: /outputs/a.txt',
    );
    expect(await readdir(outputs)).toEqual(['a.txt']);
  });

  test('saves nothing once the outputs of a run fill their share of the disk, and says so', async () => {
    const full = path.join(outputs, 'full.txt');
    await writeFile(full, '');
    await truncate(full, 256 * 1024 * 1024);
    expect(await cutOutput(long, outputs, 'a.txt')).toContain(
      '1000 characters omitted; not saved, because /outputs is full',
    );
    expect(await readdir(outputs)).toEqual(['full.txt']);
  });
});
