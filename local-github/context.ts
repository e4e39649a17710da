import type { Tokens } from './app/tokens.js';
import type { App, State } from './state.js';
import type { Deliveries } from './webhooks/deliveries.js';

/** Everything that the parts of one local GitHub share. */
export interface Context {
  /** `http://127.0.0.1:<port>`. */
  web: string;
  /** `<web>/api/v3`. */
  api: string;
  app: App;
  state: State;
  tokens: Tokens;
  deliveries: Deliveries;
  clock: () => Date;
  /** Requests that GitHub would not accept, and answers of ours that GitHub would not give. */
  violations: string[];
}
