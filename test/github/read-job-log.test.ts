import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import type { Octokit } from '@octokit/rest';
import { readJobLog } from '../../src/github/checks.js';
import type { GitHub } from '../../src/github/github.js';
import type { Repository } from '../../src/task/task.js';

let server: Server | null = null;

afterEach(async () => {
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(null)));
  server = null;
});

/** Where GitHub says that the log lies. */
const read = (location: string) => {
  const downloadJobLogsForWorkflowRun = async () => ({ headers: { location } });
  const octokit = { rest: { actions: { downloadJobLogsForWorkflowRun } } } as unknown as Octokit;
  const check = { id: 1, name: 'unit', conclusion: 'failure', hasLog: true };
  const github = {
    call: (_repository: Repository, _what: string, body: (client: Octokit) => unknown) => body(octokit),
  } as unknown as GitHub;
  return readJobLog(github, { owner: 'acme', name: 'shop' } as Repository, {
    ...check,
    output: { title: '', summary: '', text: '', annotations: 0 },
  });
};

async function serve(answer: (send: (chunk: string) => void, breakOff: () => void) => void): Promise<string> {
  const made = createServer((_, response) =>
    answer(
      (chunk) => response.write(chunk),
      () => response.destroy(),
    ),
  );
  server = made;
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(made.address() as AddressInfo).port}/log`;
}

test('a log on a host that this server may not reach is skipped, and the host is named', async () => {
  const location = await serve(() => {});
  const { host } = new URL(location);
  await new Promise((resolve) => server?.close(resolve));
  server = null;
  expect(await read(location)).toEqual({
    unread: expect.stringContaining(`the download from ${host} failed`),
  });
});

test('an incomplete log is not used, because its end is missing', async () => {
  const location = await serve((send, breakOff) => {
    send('the beginning\n');
    setImmediate(breakOff);
  });
  expect(await read(location)).toEqual({ unread: expect.stringMatching(/^the download from .* failed/) });
});
