import { announceComment, createComment, editComment } from '../changes/comments.js';
import {
  addLabel,
  announceOpened,
  createIssue,
  deleteIssue,
  editIssue,
  removeLabel,
  setIssueState,
} from '../changes/issues.js';
import type { Context } from '../context.js';
import type { Delivery } from '../webhooks/deliveries.js';

type Result = Promise<Delivery | null>;

/**
 * Simulates what people do with issues. The actions also work on pull requests, because GitHub treats every
 * pull request as an issue. The promise of an action resolves after the App has responded to the webhook, or
 * after the delivery has failed. If no webhook was sent, the returned delivery is null.
 */
export interface IssueActions {
  /**
   * Opens an issue.
   * @returns the issue's number
   */
  openIssue(
    fullName: string,
    issue: { title: string; body?: string | null; author: string },
  ): Promise<number>;
  editIssue(
    fullName: string,
    number: number,
    changes: { title?: string; body?: string },
    byLogin: string,
  ): Result;
  label(fullName: string, number: number, label: string, byLogin: string): Result;
  unlabel(fullName: string, number: number, label: string, byLogin: string): Result;
  comment(
    fullName: string,
    number: number,
    body: string,
    byLogin: string,
  ): Promise<{ id: number; delivery: Delivery | null }>;
  editComment(fullName: string, commentId: number, body: string, byLogin: string): Result;
  /** Deletes a comment. Unlike the other actions, it sends no webhook. */
  deleteComment(fullName: string, number: number, commentId: number): void;
  closeIssue(fullName: string, number: number, byLogin: string): Result;
  reopenIssue(fullName: string, number: number, byLogin: string): Result;
  deleteIssue(fullName: string, number: number, byLogin: string): Result;
}

export function createIssueActions(context: Context): IssueActions {
  const { state } = context;
  const find = (fullName: string, number: number, login: string) => {
    const repository = state.repository(fullName);
    return { repository, issue: state.issue(repository, number), person: state.account(login) };
  };
  return {
    openIssue: async (fullName, { title, body, author }) => {
      const repository = state.repository(fullName);
      const wanted = { title, body: body ?? null, author: state.account(author) };
      const issue = createIssue(context, repository, wanted);
      await announceOpened(context, repository, issue);
      return issue.number;
    },
    editIssue: (fullName, number, changes, byLogin) => {
      const { repository, issue, person } = find(fullName, number, byLogin);
      return editIssue(context, repository, issue, changes, person);
    },
    label: (fullName, number, label, byLogin) => {
      const { repository, issue, person } = find(fullName, number, byLogin);
      return addLabel(context, repository, issue, label, person);
    },
    unlabel: (fullName, number, label, byLogin) => {
      const { repository, issue, person } = find(fullName, number, byLogin);
      return removeLabel(context, repository, issue, label, person);
    },
    comment: async (fullName, number, body, byLogin) => {
      const { repository, issue, person } = find(fullName, number, byLogin);
      const comment = createComment(context, issue, body, person);
      return { id: comment.id, delivery: await announceComment(context, repository, issue, comment) };
    },
    editComment: async (fullName, commentId, body, byLogin) => {
      const repository = state.repository(fullName);
      for (const issue of repository.issues) {
        const comment = issue.comments.find(({ id }) => id === commentId);
        if (comment) return editComment(context, repository, issue, comment, body, state.account(byLogin));
      }
      throw new Error(`local GitHub: ${fullName} has no comment ${commentId}`);
    },
    deleteComment: (fullName, number, commentId) => {
      const issue = state.issue(state.repository(fullName), number);
      issue.comments = issue.comments.filter(({ id }) => id !== commentId);
    },
    closeIssue: (fullName, number, byLogin) => {
      const { repository, issue, person } = find(fullName, number, byLogin);
      return setIssueState(context, repository, issue, 'closed', person);
    },
    reopenIssue: (fullName, number, byLogin) => {
      const { repository, issue, person } = find(fullName, number, byLogin);
      return setIssueState(context, repository, issue, 'open', person);
    },
    deleteIssue: (fullName, number, byLogin) => {
      const { repository, issue, person } = find(fullName, number, byLogin);
      return deleteIssue(context, repository, issue, person);
    },
  };
}
