import { fromMarkdown } from 'mdast-util-from-markdown';
import type { Context } from '../context.js';
import type { Account, Issue, NotificationReason, Repository } from '../state.js';
import { timestamp } from '../timestamp.js';

/*
 * Whom GitHub notifies. A new text notifies the people whom it mentions and those who take part in the issue
 * or pull request. A request for a review and an assignment notify the person. Edits, labels and reactions
 * notify nobody. Nobody is notified of what they did themselves.
 */

/**
 * Notifies people of a new text.
 * @param body null if the text has none, as an issue without a description
 */
export function notifyOfText(
  context: Context,
  repository: Repository,
  issue: Issue,
  author: Account,
  body: string | null,
): void {
  const reasons = new Map<Account, NotificationReason>();
  const add = (account: Account | undefined, reason: NotificationReason) => {
    if (account && !reasons.has(account)) reasons.set(account, reason);
  };
  for (const login of findMentions(body ?? '')) add(context.state.findAccount(login), 'mention');
  add(issue.author, 'author');
  for (const account of issue.assignees) add(account, 'assign');
  for (const account of issue.pull?.requestedReviewers ?? []) add(account, 'review_requested');
  for (const one of listTexts(issue)) add(one.author, 'comment');
  for (const one of [issue, ...listTexts(issue)])
    for (const login of findMentions(one.body ?? '')) add(context.state.findAccount(login), 'mention');
  for (const [account, reason] of reasons) notify(context, repository, issue, author, account, reason, body);
}

/** Notifies one person, if it is a user who can read the repository and did not do it. */
export function notify(
  context: Context,
  repository: Repository,
  issue: Issue,
  actor: Account,
  account: Account,
  reason: NotificationReason,
  text: string | null,
): void {
  if (account === actor || account.type !== 'User') return;
  if (context.state.roleOf(repository, account) === 'none') return;
  context.state.notifications.push({
    ...{ id: context.state.nextId(), account, reason, repository, issue: issue.number },
    ...{ text, createdAt: timestamp(context) },
  });
}

function listTexts({ comments, pull }: Issue): { author: Account; body: string | null }[] {
  return [...comments, ...(pull?.reviews ?? []), ...(pull?.threads.flatMap((one) => one.comments) ?? [])];
}

/** Returns the logins that a text mentions. Code, HTML and links mention nobody. */
export function findMentions(text: string): string[] {
  const logins = new Set<string>();
  const visit = (node: { type: string; value?: string; children?: unknown[] }) => {
    if (node.type === 'text')
      for (const [, login = ''] of (node.value ?? '').matchAll(mention)) logins.add(login.toLowerCase());
    if (node.type !== 'link') for (const child of node.children ?? []) visit(child as typeof node);
  };
  visit(fromMarkdown(text) as Parameters<typeof visit>[0]);
  return [...logins];
}

const mention = /(?<![\w@/`.-])@([a-z\d](?:[a-z\d-]{0,38})(?:\[bot\])?)(?![\w@/])/gi;
