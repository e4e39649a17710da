import type { Json } from '../answer.js';
import type { Context } from '../context.js';
import type { Account } from '../state.js';
import { nodeId } from './node-id.js';

/** Renders an organization in the format that webhook payloads use for the owner of a repository. */
export function renderOrganization(context: Context, account: Account): Json {
  const url = `${context.api}/orgs/${account.login}`;
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId('U', account.id),
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `${context.web}/avatars/u/${account.id}?v=4`,
    description: null,
  };
}
