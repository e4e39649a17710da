import { createHmac, randomUUID } from 'node:crypto';
import type { App, Installation, Repository } from './state.js';
import { validateDelivery } from './validate-delivery.js';

/** GitHub's own limit for an answer. */
const timeoutMs = 10_000;

export interface Webhook {
  url: string;
  secret: string;
}

/** One try to hand over one event. A redelivery is one of its own, with the same guid. */
export interface Delivery {
  id: number;
  /** `X-GitHub-Delivery`. */
  guid: string;
  event: string;
  action: string | null;
  deliveredAt: string;
  redelivery: boolean;
  /** Seconds. */
  duration: number;
  /** `OK`, or what went wrong. */
  status: string;
  /** The receiver's; 502 where there was no answer, 504 where it took too long. */
  statusCode: number;
  installationId: number;
  repositoryId: number | null;
  request: { headers: Record<string, string>; payload: Record<string, unknown> };
  response: { headers: Record<string, string>; payload: string };
}

/** Sends signed webhook deliveries, and keeps what became of them. */
export class Deliveries {
  readonly all: Delivery[] = [];
  private readonly underWay = new Set<Promise<unknown>>();
  private readonly stopping = new AbortController();

  constructor(
    private readonly parts: {
      app: App;
      nextId: () => number;
      clock: () => Date;
      violations: string[];
      log: (line: string) => void;
    },
    /** Null: nobody listens, and nothing is sent. */
    public webhook: Webhook | null,
  ) {}

  /**
   * Hands over an event, once. Resolves when the receiver has answered or has failed to.
   * @returns null when nobody is to be told: no webhook, an event that is not subscribed, a suspended installation
   */
  async send(
    event: string,
    payload: Record<string, unknown>,
    installation: Installation,
    repository: Repository | null,
  ): Promise<Delivery | null> {
    const { app, violations } = this.parts;
    const always = event === 'installation';
    if (!this.webhook || (!always && (!app.events.includes(event) || installation.suspendedAt))) return null;
    violations.push(...validateDelivery(event, payload));
    // Written out now: by the time that it is sent, what it tells of may have changed.
    const snapshot = JSON.parse(JSON.stringify(payload)) as Record<string, unknown>;
    return this.attempt(event, snapshot, randomUUID(), false, installation.id, repository?.id ?? null);
  }

  /** @param id of an earlier delivery */
  redeliver(id: number): Promise<Delivery | null> {
    const earlier = this.all.find((delivery) => delivery.id === id);
    if (!earlier) throw new Error(`local GitHub: there is no delivery ${id}`);
    return this.attempt(
      earlier.event,
      earlier.request.payload,
      earlier.guid,
      true,
      earlier.installationId,
      earlier.repositoryId,
    );
  }

  /** Resolves when nothing is on its way. */
  async settle(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  async stop(): Promise<void> {
    this.webhook = null;
    this.stopping.abort();
    await this.settle();
  }

  private async attempt(
    event: string,
    payload: Record<string, unknown>,
    guid: string,
    redelivery: boolean,
    installationId: number,
    repositoryId: number | null,
  ): Promise<Delivery | null> {
    const { webhook } = this;
    if (!webhook) return null;
    const text = JSON.stringify(payload);
    const headers = this.headersFor(event, guid, text, webhook.secret);
    const started = this.parts.clock();
    const post = this.post(webhook.url, headers, text);
    this.underWay.add(post);
    const { response, ...outcome } = await post.finally(() => this.underWay.delete(post));
    const delivery: Delivery = {
      id: this.parts.nextId(),
      guid,
      event,
      action: typeof payload.action === 'string' ? payload.action : null,
      deliveredAt: started.toISOString(),
      redelivery,
      duration: Math.max(0, this.parts.clock().getTime() - started.getTime()) / 1000,
      ...outcome,
      installationId,
      repositoryId,
      request: { headers, payload },
      response,
    };
    this.all.push(delivery);
    this.parts.log(`delivery ${event}.${delivery.action} ${guid}: ${delivery.statusCode} ${delivery.status}`);
    return delivery;
  }

  private headersFor(event: string, guid: string, text: string, secret: string): Record<string, string> {
    const sign = (kind: string) => `${kind}=${createHmac(kind, secret).update(text).digest('hex')}`;
    return {
      accept: '*/*',
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/10ca1be',
      'x-github-delivery': guid,
      'x-github-event': event,
      'x-github-hook-id': '77001',
      'x-github-hook-installation-target-id': String(this.parts.app.id),
      'x-github-hook-installation-target-type': 'integration',
      'x-hub-signature': sign('sha1'),
      'x-hub-signature-256': sign('sha256'),
    };
  }

  private async post(url: string, headers: Record<string, string>, body: string) {
    const nothing = { headers: {}, payload: '' };
    try {
      const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), this.stopping.signal]);
      const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
      const response = { headers: Object.fromEntries(answer.headers), payload: await answer.text() };
      return { statusCode: answer.status, status: answer.ok ? 'OK' : answer.statusText || 'error', response };
    } catch (error) {
      // A receiver that is down is what GitHub writes down and lives with; so is one that takes too long.
      const late = error instanceof Error && error.name === 'TimeoutError';
      return {
        statusCode: late ? 504 : 502,
        status: late ? 'timed out' : 'failed to connect to host',
        response: nothing,
      };
    }
  }
}
