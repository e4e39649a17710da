import type { Json, Parts } from '../parts.js';
import type { Installation, OtherApp } from '../state.js';
import { renderAccount } from './account.js';
import { nodeId } from './node-id.js';

/** GitHub's `integration`; in deliveries it is called `app`. */
export function renderApp(parts: Parts, other: OtherApp | null = null): Json {
  const app = { ...parts.app, ...other };
  return {
    id: app.id,
    slug: app.slug,
    node_id: nodeId('A', app.id),
    owner: renderAccount(parts, app.owner),
    name: app.slug,
    description: null,
    external_url: `${parts.web}/apps/${app.slug}/about`,
    html_url: `${parts.web}/apps/${app.slug}`,
    created_at: app.createdAt,
    updated_at: app.createdAt,
    permissions: app.permissions,
    events: app.events,
  };
}

export function renderInstallation(parts: Parts, installation: Installation): Json {
  const { app } = parts;
  const url = `${parts.api}/app/installations/${installation.id}`;
  return {
    id: installation.id,
    account: renderAccount(parts, installation.account),
    repository_selection: 'all',
    access_tokens_url: `${url}/access_tokens`,
    repositories_url: `${parts.api}/installation/repositories`,
    html_url: `${parts.web}/settings/installations/${installation.id}`,
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
    suspended_by: installation.suspendedBy && renderAccount(parts, installation.suspendedBy),
  };
}

/** What every other delivery says of the installation. */
export function renderInstallationId(installation: Installation): Json {
  return { id: installation.id, node_id: nodeId('MDI', installation.id) };
}
