import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createApp } from './create-app.js';
import { Deliveries, type Webhook } from './deliveries.js';
import { type Fault, Faults, type SeenRequest } from './faults.js';
import { createKeyPair } from './keys.js';
import type { Parts } from './parts.js';
import { createPeopleActions, type PeopleActions } from './people-actions.js';
import { createReadings, type Readings } from './readings.js';
import { createRepositoryActions, type RepositoryActions } from './repository-actions.js';
import { createHttpServer, type RecordedRequest } from './serve-http.js';
import { State } from './state.js';
import { Tokens } from './tokens.js';
import { loadRestValidation } from './validate-rest.js';

export interface LocalGitHubOptions {
  /** Where repositories lie; it is made when it is not there, and left behind. */
  folder: string;
  /** Where deliveries go; without one nothing is sent. */
  webhook?: Webhook | null;
  clock?: () => Date;
  /** Default: any free one. */
  port?: number;
}

export interface LocalGitHub extends RepositoryActions, PeopleActions, Readings {
  /** `127.0.0.1:<port>`, for `GHE_HOST`; `GHE_PROTOCOL` is `http`. */
  host: string;
  url: string;
  appId: number;
  /** PEM. */
  privateKey: string;
  /** Requests and answers that are not as GitHub describes them; tests assert that it stays empty. */
  violations: string[];
  requests: RecordedRequest[];
  /** A line for each delivery. */
  log: string[];
  deliveries: Deliveries;
  tokens: Tokens;
  state: State;
  /** The next requests that match get this in place of the true answer. */
  failNext(fault: RequestedFault): void;
  /** Asked about every request that `failNext` is not for: null answers it truly. */
  failBy(decide: (request: SeenRequest) => Fault | null): void;
  /**
   * The next request that matches is held back until `release` is called, for a test that stops the world there; with
   * `afterEffect` it is done already, and only its answer is held back.
   */
  hold(match: Pick<RequestedFault, 'operation' | 'method' | 'path' | 'afterEffect'>): {
    reached: Promise<void>;
    release(): void;
  };
  setWebhook(url: string, secret: string): void;
  stop(): Promise<void>;
}

export interface RequestedFault extends Fault {
  /** GitHub's operation id, such as `pulls/create`, or `graphql`, `git/upload-pack`, `git/receive-pack`. */
  operation?: string;
  method?: string;
  path?: string | RegExp;
}

/** GitHub, as far as one App needs it, on 127.0.0.1. */
export async function startLocalGitHub(options: LocalGitHubOptions): Promise<LocalGitHub> {
  const clock = options.clock ?? (() => new Date());
  const [state, violations, log, requests] = [
    new State(),
    [] as string[],
    [] as string[],
    [] as RecordedRequest[],
  ];
  const faults = new Faults();
  const { privateKey } = createKeyPair();
  const app = createApp(state, clock);
  const tokens = new Tokens(app, privateKey, clock);
  const deliveries = new Deliveries(
    { app, nextId: () => state.nextId(), clock, violations, log: (line) => log.push(line) },
    options.webhook ?? null,
  );
  const parts: Parts = { web: '', api: '', app, state, tokens, deliveries, clock, violations };
  const validation = loadRestValidation();
  await mkdir(options.folder, { recursive: true });
  const server = createHttpServer({ parts, validation, faults, requests });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  // Known only now; every link of an answer begins with it.
  Object.assign(parts, { web: `http://${host}`, api: `http://${host}/api/v3` });
  return {
    ...createRepositoryActions(parts, options.folder),
    ...createPeopleActions(parts),
    ...createReadings(parts),
    host,
    url: `http://${host}`,
    appId: app.id,
    privateKey,
    violations,
    requests,
    log,
    deliveries,
    tokens,
    state,
    failNext: ({ operation, method, path, ...fault }) =>
      faults.failNext(operation ?? { method, path }, fault),
    failBy: (decide) => {
      faults.decide = decide;
    },
    hold: ({ operation, method, path, afterEffect = false }) => {
      let release = () => {};
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      const reached = new Promise<void>((resolve) => {
        const held = () => {
          resolve();
          return released;
        };
        faults.failNext(operation ?? { method, path }, { held, afterEffect });
      });
      return { reached, release };
    },
    setWebhook: (url, secret) => {
      deliveries.webhook = { url, secret };
    },
    stop: async () => {
      await deliveries.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
