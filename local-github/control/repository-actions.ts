import { z } from 'zod';
import {
  byPerson,
  type ControlAction,
  defineAction,
  describeDelivery,
  repositoryName,
} from './control-action.js';

const role = z.enum(['admin', 'maintain', 'write', 'triage', 'read', 'none']);
const files = z.record(z.string(), z.string()).describe('path to text');

/**
 * The actions of the control API on people, repositories, branches, checks, deliveries and faults. The key is
 * the name of the action.
 */
export const repositoryActions: Record<string, ControlAction> = {
  'add-user': defineAction(
    'Add a user.',
    z.strictObject({ login: z.string(), type: z.enum(['User', 'Bot', 'Organization']).optional() }),
    (github, { login, type }) => ({ id: github.addUser(login, { type }).id }),
  ),
  'create-repository': defineAction(
    'Create a repository and install the App for its owner.',
    z.strictObject({
      repository: repositoryName,
      private: z.boolean().optional(),
      defaultBranch: z.string().optional(),
      files: files.optional(),
      from: z.string().optional().describe('git repository or folder to import'),
    }),
    async (github, { repository, ...options }) => {
      const { id, defaultBranch } = await github.createRepository(repository, options);
      return { id, defaultBranch, url: `${github.url}/${repository}` };
    },
  ),
  'set-role': defineAction(
    "Set a person's role in a repository; adds the person when needed.",
    z.strictObject({ repository: repositoryName, login: z.string(), role }),
    (github, { repository, login, role }) => github.setRole(repository, login, role),
  ),
  'commit-files': defineAction(
    'Commit files to a branch and push it.',
    z.strictObject({
      ...byPerson,
      branch: z.string(),
      files: z.record(z.string(), z.string().nullable()).describe('path to text; null deletes the file'),
      message: z.string(),
    }),
    async (github, { repository, as, ...commit }) => ({
      sha: await github.commitFiles(repository, { ...commit, author: as }),
    }),
  ),
  'delete-branch': defineAction(
    'Delete a branch.',
    z.strictObject({ repository: repositoryName, branch: z.string() }),
    (github, { repository, branch }) => github.deleteBranch(repository, branch),
  ),
  'complete-checks': defineAction(
    'Complete a check suite of another App, GitHub Actions by default, on a commit.',
    z.strictObject({
      repository: repositoryName,
      headSha: z.string(),
      app: z.strictObject({ id: z.number(), slug: z.string() }).optional(),
      checks: z.tuple([newCheck()], newCheck()),
    }),
    async (github, { repository, headSha, ...suite }) =>
      describeDelivery(await github.completeChecks(repository, headSha, suite)),
  ),
  'add-attachment': defineAction(
    'Store a file that a person attaches to a text of the repository.',
    z.strictObject({
      repository: repositoryName,
      data: z.base64().describe('content of the file'),
      type: z.string().optional().describe('content type; image/png by default'),
    }),
    (github, { repository, data, type }) => ({
      url: github.addAttachment(repository, Buffer.from(data, 'base64'), type),
    }),
  ),
  redeliver: defineAction(
    'Deliver an earlier delivery again.',
    z.strictObject({ delivery: z.number().int().describe('id of the delivery') }),
    async (github, { delivery }) => describeDelivery(await github.redeliver(delivery)),
  ),
  'set-webhook': defineAction(
    'Set where deliveries go.',
    z.strictObject({ url: z.url(), secret: z.string() }),
    (github, { url, secret }) => github.setWebhook(url, secret),
  ),
  'fail-next': defineAction(
    'Fail the next requests that match: with a status, or without an answer.',
    z.strictObject({
      operation: z.string().optional().describe("GitHub's operation id, graphql, or git/receive-pack"),
      method: z.string().optional(),
      path: z.string().optional(),
      status: z.number().int().optional(),
      headers: z.record(z.string(), z.string()).optional(),
      body: z.unknown().optional(),
      times: z.number().int().positive().optional(),
      afterEffect: z.boolean().optional(),
      cut: z.boolean().optional(),
    }),
    (github, fault) => github.failNext(fault),
  ),
};

function newCheck() {
  return z.strictObject({
    name: z.string(),
    conclusion: z.enum(['success', 'failure', 'timed_out']),
    log: z.string().nullable().optional(),
    summary: z.string().optional(),
  });
}
