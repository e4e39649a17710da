import type { Json } from '../answer.js';
import type { Context } from '../context.js';
import type { Account } from '../state.js';
import { nodeId } from './node-id.js';

const links: Record<string, string> = {
  followers: 'followers',
  following: 'following{/other_user}',
  gists: 'gists{/gist_id}',
  starred: 'starred{/owner}{/repo}',
  subscriptions: 'subscriptions',
  organizations: 'orgs',
  repos: 'repos',
  events: 'events{/privacy}',
  received_events: 'received_events',
};

/** Renders an account in the format of GitHub's schema `simple-user`. */
export function renderAccount(context: Context, account: Account): Json {
  const url = `${context.api}/users/${encodeURIComponent(account.login)}`;
  const page = account.type === 'Bot' ? `apps/${account.login.replace(/\[bot\]$/, '')}` : account.login;
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId('U', account.id),
    avatar_url: `${context.web}/avatars/u/${account.id}?v=4`,
    gravatar_id: '',
    url,
    html_url: `${context.web}/${page}`,
    ...Object.fromEntries(Object.entries(links).map(([name, rest]) => [`${name}_url`, `${url}/${rest}`])),
    type: account.type,
    site_admin: false,
  };
}

/** Renders an account in the format of GitHub's schema `public-user`. */
export function renderProfile(context: Context, account: Account): Json {
  return {
    ...renderAccount(context, account),
    name: null,
    company: null,
    blog: '',
    location: null,
    email: null,
    hireable: null,
    bio: null,
    public_repos: context.state.repositories.filter(({ owner }) => owner === account).length,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: account.createdAt,
    updated_at: account.createdAt,
  };
}
