import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Account, App, State } from './state.js';
import { timestamp } from './timestamp.js';

const manifest = new URL('../app.yml', import.meta.url);

/** The App as its manifest asks for it: a permission or an event that app.yml lacks is lacking here too. */
export function createApp(state: State, clock: () => Date): App {
  const { name, default_permissions, default_events } = parse(readFileSync(manifest, 'utf8')) as {
    name: string;
    default_permissions: Record<string, string>;
    default_events: string[];
  };
  const slug = name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const createdAt = timestamp({ clock });
  return {
    id: state.nextId(),
    slug,
    owner: addAccount(state, 'app-publisher', 'User', createdAt),
    bot: addAccount(state, `${slug}[bot]`, 'Bot', createdAt),
    permissions: default_permissions,
    events: default_events,
    createdAt,
  };
}

export function addAccount(state: State, login: string, type: Account['type'], createdAt: string): Account {
  const account = { id: state.nextId(), login, type, createdAt };
  state.accounts.push(account);
  return account;
}
