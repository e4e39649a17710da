import type { Server as HttpServer } from 'node:http';
import { Probot, Server } from 'probot';
import { type Config, ConfigError } from '../config/read-config.js';
import { guardWebhooks } from './guard-webhooks.js';

const webhookPath = '/api/github/webhooks';

export interface WebServer {
  /** The port that the server listens on. */
  port: number;
  stop(): Promise<void>;
}

/** The maximum time that a stopping server waits for deliveries in progress. */
const lastAnswersMs = 5000;

/**
 * Starts Probot's server with the app. Resolves when the server listens.
 * @throws ConfigError when the port is in use or not allowed
 */
export async function serve(
  config: Config,
  app: (probot: Probot) => void,
  log: Probot['log'],
): Promise<WebServer> {
  const GuardedProbot = class extends Probot {
    override async getNodeMiddleware(...options: Parameters<Probot['getNodeMiddleware']>) {
      const middleware = await super.getNodeMiddleware(...options);
      const verify = (body: string, signature: string) => this.webhooks.verify(body, signature);
      return guardWebhooks(webhookPath, verify, middleware) as typeof middleware;
    }
  };
  const server = new Server({
    host: config.host,
    // Probot treats the number 0 as "not set" and listens on port 3000. It passes the string '0' on to Node,
    // which then picks a free port.
    port: config.port === 0 ? ('0' as unknown as number) : config.port,
    webhookPath,
    webhookProxy: config.webhookProxyUrl,
    log,
    enableStaticFiles: false,
    Probot: GuardedProbot.defaults({
      appId: config.appId,
      privateKey: config.privateKey,
      secret: config.webhookSecret,
      baseUrl: config.apiUrl,
      log,
    }),
  });
  await server.load(app);
  const http = (await server.start().catch((error) => {
    throw explainStart(error, config);
  })) as HttpServer;
  http.requestTimeout = 30_000;
  http.headersTimeout = 10_000;
  return {
    port: server.port,
    stop: async () => {
      http.closeIdleConnections();
      // While a server closes, Node no longer enforces its request timeouts. Without this timer, a request
      // that never ends would keep the server open.
      const enough = setTimeout(() => http.closeAllConnections(), lastAnswersMs);
      await server.stop();
      clearTimeout(enough);
    },
  };
}

function explainStart(error: unknown, { host, port }: Config): unknown {
  const says = { EADDRINUSE: 'is in use', EACCES: 'is not allowed' }[
    String((error as { code?: unknown }).code)
  ];
  return says ? new ConfigError([`PORT: expected a free port; ${port} on ${host} ${says}`]) : error;
}
