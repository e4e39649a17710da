import { z } from 'zod';
import { byPerson, type ControlAction, defineAction, describeDelivery, onIssue } from './control-action.js';

/** The actions of the control API on issues and pull requests. The key is the name of the action. */
const line = z.number().int().optional();
const newThread = z.strictObject({
  ...{ path: z.string(), line, startLine: line, side: z.enum(['LEFT', 'RIGHT']).optional() },
  body: z.string(),
});

export const issueActions: Record<string, ControlAction> = {
  'open-issue': defineAction(
    'Open an issue.',
    z.strictObject({ ...byPerson, title: z.string(), body: z.string().optional() }),
    async (github, { repository, as, ...issue }) => ({
      number: await github.openIssue(repository, { ...issue, author: as }),
    }),
  ),
  'edit-issue': defineAction(
    'Edit the title or body of an issue or a pull request.',
    z.strictObject({ ...onIssue, title: z.string().optional(), body: z.string().optional() }),
    async (github, { repository, number, as, ...changes }) =>
      describeDelivery(await github.editIssue(repository, number, changes, as)),
  ),
  label: defineAction(
    'Add a label to an issue or a pull request.',
    z.strictObject({ ...onIssue, label: z.string() }),
    async (github, { repository, number, label, as }) =>
      describeDelivery(await github.label(repository, number, label, as)),
  ),
  unlabel: defineAction(
    'Remove a label.',
    z.strictObject({ ...onIssue, label: z.string() }),
    async (github, { repository, number, label, as }) =>
      describeDelivery(await github.unlabel(repository, number, label, as)),
  ),
  comment: defineAction(
    'Comment on an issue or a pull request.',
    z.strictObject({ ...onIssue, body: z.string() }),
    async (github, { repository, number, body, as }) => {
      const { id, delivery } = await github.comment(repository, number, body, as);
      return { id, ...describeDelivery(delivery) };
    },
  ),
  'edit-comment': defineAction(
    'Edit a comment.',
    z.strictObject({ ...byPerson, id: z.number().int(), body: z.string() }),
    async (github, { repository, id, body, as }) =>
      describeDelivery(await github.editComment(repository, id, body, as)),
  ),
  close: defineAction(
    'Close an issue or a pull request.',
    z.strictObject(onIssue),
    async (github, { repository, number, as }) =>
      describeDelivery(await github.closeIssue(repository, number, as)),
  ),
  reopen: defineAction(
    'Reopen an issue or a pull request.',
    z.strictObject(onIssue),
    async (github, { repository, number, as }) =>
      describeDelivery(await github.reopenIssue(repository, number, as)),
  ),
  'open-pull-request': defineAction(
    'Open a pull request for a branch.',
    z.strictObject({
      ...byPerson,
      title: z.string(),
      body: z.string().optional(),
      head: z.string(),
      base: z.string().optional(),
      draft: z.boolean().optional(),
    }),
    async (github, { repository, as, ...pull }) => ({
      number: await github.openPullRequest(repository, { ...pull, author: as }),
    }),
  ),
  'submit-review': defineAction(
    'Review a pull request; each comment starts a thread.',
    z.strictObject({
      ...onIssue,
      state: z.enum(['approved', 'changes_requested', 'commented']),
      body: z.string().optional(),
      comments: z.array(newThread).optional(),
    }),
    async (github, { repository, number, as, ...review }) => {
      const { id, threads, delivery } = await github.submitReview(repository, number, review, as);
      return { id, threads: threads.map((thread) => thread.id), ...describeDelivery(delivery) };
    },
  ),
  'reply-to-thread': defineAction(
    'Reply to a review thread.',
    z.strictObject({ ...onIssue, thread: z.number().int(), body: z.string() }),
    async (github, { repository, number, thread, body, as }) =>
      describeDelivery(await github.replyToThread(repository, number, thread, body, as)),
  ),
  merge: defineAction(
    'Merge a pull request.',
    z.strictObject(onIssue),
    async (github, { repository, number, as }) =>
      describeDelivery(await github.mergePullRequest(repository, number, as)),
  ),
  'press-button': defineAction(
    'Press a button of the newest check run of a commit.',
    z.strictObject({ ...byPerson, headSha: z.string(), button: z.string().describe('identifier') }),
    async (github, { repository, headSha, button, as }) =>
      describeDelivery(await github.pressButton(repository, headSha, button, as)),
  ),
};
