import type { Account, App, State } from '../state.js';
import { timestamp } from '../timestamp.js';
import type { AppManifest } from './read-manifest.js';

/** Registers the App with the permissions and events of its manifest, and no others. */
export function createApp(state: State, manifest: AppManifest, clock: () => Date): App {
  const slug = manifest.name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const createdAt = timestamp({ clock });
  return {
    id: state.nextId(),
    slug,
    owner: addAccount(state, 'app-publisher', 'User', createdAt),
    bot: addAccount(state, `${slug}[bot]`, 'Bot', createdAt),
    permissions: manifest.default_permissions,
    events: manifest.default_events,
    createdAt,
  };
}

export function addAccount(state: State, login: string, type: Account['type'], createdAt: string): Account {
  const account = { id: state.nextId(), login, type, createdAt };
  state.accounts.push(account);
  return account;
}
