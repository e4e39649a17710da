import { mkdir } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createIssueActions, type IssueActions } from './actions/issue-actions.js';
import { createPullRequestActions, type PullRequestActions } from './actions/pull-request-actions.js';
import { createReadings, type Readings } from './actions/readings.js';
import { createRepositoryActions, type RepositoryActions } from './actions/repository-actions.js';
import { createApp } from './app/create-app.js';
import { createKeyPair } from './app/create-key-pair.js';
import { type AppManifest, defaultManifest, readManifest } from './app/read-manifest.js';
import { Tokens } from './app/tokens.js';
import { Attachments } from './attachments/attachments.js';
import { createStorageServer } from './attachments/storage-server.js';
import type { Context } from './context.js';
import { handleControl } from './control/handle-control.js';
import { createHttpServer, type HttpServerOptions, type RecordedRequest } from './http/create-http-server.js';
import { type Fault, Faults, type RequestedFault, type SeenRequest } from './http/faults.js';
import { loadRestValidation } from './openapi/validate-rest.js';
import { State } from './state.js';
import { Deliveries, type Webhook } from './webhooks/deliveries.js';

/* This file is the public interface of the folder. README.md describes it. */

export type { NewSuite } from './changes/check-runs.js';
export type { NewReview } from './changes/reviews.js';
export type { RecordedRequest } from './http/create-http-server.js';
export type { Comment, Issue, PullRequest } from './state.js';
export type { Delivery } from './webhooks/deliveries.js';

export interface LocalGitHubOptions {
  /** Folder for the git repositories. It is created if it does not exist. `stop` does not delete it. */
  folder: string;
  /**
   * The App's manifest, as an object or as the path of its YAML file. Default: `app.yml` in the working
   * directory.
   */
  appManifest?: AppManifest | string;
  /** Where to deliver webhooks. Default: nowhere. */
  webhook?: Webhook | null;
  clock?: () => Date;
  /** Port to listen on. Default: any free port. */
  port?: number;
  /**
   * Whether to serve the control API at `/_control`, through which other processes can act as people.
   * Default: false.
   */
  control?: boolean;
}

export interface LocalGitHub extends RepositoryActions, IssueActions, PullRequestActions, Readings {
  /** `127.0.0.1:<port>`. The App needs this value in `GHE_HOST`, and `http` in `GHE_PROTOCOL`. */
  host: string;
  url: string;
  appId: number;
  /** The App's private key in PEM format. */
  privateKey: string;
  /**
   * Requests that GitHub would refuse, and responses that do not match GitHub's API descriptions. Each test
   * asserts at its end that this list is empty.
   */
  violations: string[];
  /** Every request so far, oldest first. */
  requests: RecordedRequest[];
  /** One line for each delivery attempt. */
  log: string[];
  deliveries: Deliveries;
  tokens: Tokens;
  state: State;
  /** Makes the next matching requests fail. */
  failNext(fault: RequestedFault): void;
  /**
   * Sets a function that is called for each request that matches no fault from `failNext`. It decides whether
   * and how the request fails. If it returns null, the client gets the normal response.
   */
  failBy(decide: (request: SeenRequest) => Fault | null): void;
  /**
   * Delays the next matching request until the test calls `release`. With `afterEffect`, the request takes
   * effect at once, and only its response is delayed.
   */
  hold(match: Pick<RequestedFault, 'operation' | 'method' | 'path' | 'afterEffect'>): {
    reached: Promise<void>;
    release(): void;
  };
  setWebhook(url: string, secret: string): void;
  stop(): Promise<void>;
}

/** Starts a local GitHub that serves one App and listens on 127.0.0.1. */
export async function startLocalGitHub(options: LocalGitHubOptions): Promise<LocalGitHub> {
  const { appManifest = defaultManifest } = options;
  const manifest = typeof appManifest === 'string' ? readManifest(appManifest) : appManifest;
  const { privateKey } = createKeyPair();
  const log: string[] = [];
  const context = createContext(options, manifest, privateKey, (line) => log.push(line));
  const { app, state, tokens, deliveries, violations } = context;
  const faults = new Faults();
  const requests: RecordedRequest[] = [];

  await mkdir(options.folder, { recursive: true });
  const http: HttpServerOptions = {
    context,
    validation: loadRestValidation(),
    faults,
    requests,
    control: null,
  };
  const server = createHttpServer(http);
  const host = await listen(server, options.port ?? 0);
  // Set the URLs now. They contain the port, which is known only after the server listens.
  Object.assign(context, { web: `http://${host}`, api: `http://${host}/api/v3` });
  const storage = createStorageServer(context);
  context.attachments.storage = `http://${await listen(storage, 0)}`;
  const github: LocalGitHub = {
    ...createRepositoryActions(context, options.folder),
    ...createIssueActions(context),
    ...createPullRequestActions(context),
    ...createReadings(context),
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
    hold: ({ operation, method, path, afterEffect = false }) =>
      faults.hold(operation ?? { method, path }, afterEffect),
    setWebhook: (url, secret) => {
      deliveries.webhook = { url, secret };
    },
    stop: async () => {
      await deliveries.stop();
      for (const one of [server, storage]) {
        one.closeAllConnections();
        await new Promise((resolve) => one.close(resolve));
      }
    },
  };
  if (options.control) http.control = (request) => handleControl(github, request);
  return github;
}

function createContext(
  options: LocalGitHubOptions,
  manifest: AppManifest,
  privateKey: string,
  log: (line: string) => void,
): Context {
  const clock = options.clock ?? (() => new Date());
  const state = new State();
  const violations: string[] = [];
  const app = createApp(state, manifest, clock);
  const tokens = new Tokens(app, privateKey, clock);
  const nextId = () => state.nextId();
  const deliveries = new Deliveries({ app, nextId, clock, violations, log }, options.webhook ?? null);
  const attachments = new Attachments();
  return { web: '', api: '', app, state, tokens, deliveries, attachments, clock, violations };
}

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
