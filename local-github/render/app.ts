import type { Json } from '../answer.js';
import type { Context } from '../context.js';
import type { Installation, OtherApp } from '../state.js';
import { renderAccount } from './account.js';
import { nodeId } from './node-id.js';

/** Renders an App in the format of GitHub's schema `integration`. The default is the App under test. */
export function renderApp(context: Context, other: OtherApp | null = null): Json {
  const app = { ...context.app, ...other };
  return {
    id: app.id,
    slug: app.slug,
    node_id: nodeId('A', app.id),
    owner: renderAccount(context, app.owner),
    name: app.slug,
    description: null,
    external_url: `${context.web}/apps/${app.slug}/about`,
    html_url: `${context.web}/apps/${app.slug}`,
    created_at: app.createdAt,
    updated_at: app.createdAt,
    permissions: app.permissions,
    events: app.events,
  };
}

export function renderInstallation(context: Context, installation: Installation): Json {
  const { app } = context;
  const url = `${context.api}/app/installations/${installation.id}`;
  return {
    id: installation.id,
    account: renderAccount(context, installation.account),
    repository_selection: 'all',
    access_tokens_url: `${url}/access_tokens`,
    repositories_url: `${context.api}/installation/repositories`,
    html_url: `${context.web}/settings/installations/${installation.id}`,
    app_id: app.id,
    app_slug: app.slug,
    target_id: installation.account.id,
    target_type: installation.account.type === 'Organization' ? 'Organization' : 'User',
    permissions: app.permissions,
    events: app.events,
    created_at: installation.createdAt,
    updated_at: installation.suspendedAt ?? installation.createdAt,
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_at: installation.suspendedAt,
    suspended_by: installation.suspendedBy && renderAccount(context, installation.suspendedBy),
  };
}

/** Renders the short form of an installation for webhook payloads. */
export function renderInstallationId(installation: Installation): Json {
  return { id: installation.id, node_id: nodeId('MDI', installation.id) };
}
