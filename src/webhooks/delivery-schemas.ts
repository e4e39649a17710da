import { z } from 'zod';
import { Person } from '../task/task.js';

/* The fields that Pullwright reads from deliveries. */

/**
 * A text that Postgres can store as JSON. NUL characters and lone surrogates cannot be stored, and they have
 * no meaning in a person's text.
 */
const text = z.string().transform((value) => value.replaceAll('\0', '').toWellFormed());
const whole = z.number().int();
const named = z.object({ name: text });

/** The fields of every kind of delivery. */
export const Common = z.object({
  action: z.string(),
  repository: z.object({
    id: whole,
    name: z.string(),
    owner: z.object({ login: z.string() }),
    default_branch: z.string(),
    private: z.boolean(),
    archived: z.boolean().nullish(),
  }),
  sender: Person,
  installation: z.object({ id: whole }),
});

/** An issue or a pull request. Deliveries describe both with the same fields. */
export const Subject = z.object({
  number: whole,
  title: text,
  body: text.nullish(),
  state: z.string(),
  locked: z.boolean().nullish(),
  html_url: z.string(),
  user: z.object({ login: z.string() }).nullish(),
  updated_at: z.string().nullish(),
  pull_request: z.object({}).nullish(),
  performed_via_github_app: z.object({ id: z.number() }).nullish(),
});

export const OnIssue = Common.extend({ issue: Subject });
export const Commented = OnIssue.extend({
  comment: z.object({
    id: whole,
    body: text,
    created_at: z.string(),
    performed_via_github_app: z.object({ id: z.number() }).nullish(),
  }),
});
export const Labeled = OnIssue.extend({ label: named.optional() });
export const OnPull = Common.extend({ pull_request: Subject });
export const Reviewed = OnPull.extend({
  review: z.object({
    id: whole,
    submitted_at: z.string().nullish(),
    state: z.string(),
    body: text.nullish(),
  }),
});
export const Pulls = z
  .array(z.object({ number: whole, base: z.object({ repo: z.object({ id: whole }).nullish() }).nullish() }))
  .nullish();
export const Checked = Common.extend({
  check_suite: z.object({
    id: whole,
    head_sha: z.string(),
    conclusion: z.string().nullable(),
    updated_at: z.string().nullish(),
    app: z.object({ id: whole }).nullish(),
    pull_requests: Pulls,
  }),
});
export const Requested = Common.extend({
  requested_action: z.object({ identifier: z.string() }),
  check_run: z.object({ pull_requests: Pulls }),
});
