import type { Tokens } from './app/tokens.js';
import type { Attachments } from './attachments/attachments.js';
import type { App, State } from './state.js';
import type { Deliveries } from './webhooks/deliveries.js';

/** The state and the services that all parts of one local GitHub share. */
export interface Context {
  /** Base URL of the web pages: `http://127.0.0.1:<port>`. */
  web: string;
  /** Base URL of the REST API: `<web>/api/v3`. */
  api: string;
  app: App;
  state: State;
  tokens: Tokens;
  deliveries: Deliveries;
  attachments: Attachments;
  clock: () => Date;
  /**
   * Requests that GitHub would refuse, and responses of the local GitHub that do not match GitHub's API
   * descriptions.
   */
  violations: string[];
}
