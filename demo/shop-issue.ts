import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { LocalGitHub } from '../local-github/local-github.js';

/** The repository that the demo works on. */
export const repository = 'acme/shop';

/** Creates the repository and its people. Grace then opens the issue that `issue.md` contains. */
export async function openShopIssue(
  github: LocalGitHub,
): Promise<{ number: number; title: string; body: string }> {
  await github.createRepository(repository, { from: path.join(import.meta.dirname, 'shop') });
  github.setRole(repository, 'ada', 'maintain');
  github.addUser('grace');
  const issue = readIssue();
  return { ...issue, number: await github.openIssue(repository, { ...issue, author: 'grace' }) };
}

/**
 * Adds the label `backend` as Ada, a maintainer of the shop. The label starts the run.
 * @throws Error when the app rejects the delivery
 */
export async function labelShopIssue(github: LocalGitHub, number: number): Promise<void> {
  const delivery = await github.label(repository, number, 'backend', 'ada');
  if (delivery?.statusCode !== 200) throw new Error(`the app rejected the delivery: ${delivery?.status}`);
}

/** Reads the issue from `issue.md`. The first line of the file is the title. */
function readIssue(): { title: string; body: string } {
  const [title = '', ...body] = readFileSync(path.join(import.meta.dirname, 'issue.md'), 'utf8').split('\n');
  return { title: title.replace(/^# /, ''), body: body.join('\n').trim() };
}
