import { createHmac, randomUUID } from 'node:crypto';
import type { App, Installation, Repository } from '../state.js';
import { validateDelivery } from './validate-delivery.js';

/** Time limit for the receiver's response. GitHub uses the same limit. */
const timeoutMs = 10_000;

export interface Webhook {
  url: string;
  secret: string;
}

/** One attempt to deliver a webhook. A redelivery is a separate attempt with the same guid. */
export interface Delivery {
  id: number;
  /** Value of the `X-GitHub-Delivery` header. */
  guid: string;
  event: string;
  action: string | null;
  deliveredAt: string;
  redelivery: boolean;
  /** Duration of the attempt in seconds. */
  duration: number;
  /** `OK`, or a description of the failure. */
  status: string;
  /**
   * Status code of the receiver's response. The value is 502 if the receiver could not be reached, and 504 if
   * it did not respond in time.
   */
  statusCode: number;
  installationId: number;
  repositoryId: number | null;
  request: { headers: Record<string, string>; payload: Record<string, unknown> };
  response: { headers: Record<string, string>; payload: string };
}

interface DeliveriesOptions {
  app: App;
  clock: () => Date;
  /** Receives one line for each mismatch between a payload and GitHub's schemas. */
  violations: string[];
  nextId: () => number;
  /** Called with one line for each attempt. */
  log: (line: string) => void;
}

/** Sends signed webhook deliveries and records their results. */
export class Deliveries {
  /** Every finished attempt, oldest first. */
  readonly all: Delivery[] = [];
  private readonly pending = new Set<Promise<unknown>>();
  private readonly stopping = new AbortController();

  constructor(
    private readonly options: DeliveriesOptions,
    /** Where to deliver webhooks. If null, nothing is delivered. */
    public webhook: Webhook | null,
  ) {}

  /**
   * Delivers an event once. Resolves after the receiver has responded or the delivery has failed.
   * @returns null when the event is not delivered, for one of these reasons:
   * (1) There is no webhook.
   * (2) The App is not subscribed to the event, and the event is not `installation`.
   * (3) The installation is suspended, and the event is not `installation`.
   */
  async send(
    event: string,
    payload: Record<string, unknown>,
    installation: Installation,
    repository: Repository | null,
  ): Promise<Delivery | null> {
    const { app, violations } = this.options;
    const always = event === 'installation';
    if (!this.webhook || (!always && (!app.events.includes(event) || installation.suspendedAt))) return null;
    violations.push(...validateDelivery(event, payload));
    // Copy the payload now, because its objects can change before it is sent.
    const snapshot = JSON.parse(JSON.stringify(payload)) as Record<string, unknown>;
    const { id: installationId } = installation;
    return this.attempt({
      event,
      payload: snapshot,
      guid: randomUUID(),
      redelivery: false,
      installationId,
      repositoryId: repository?.id ?? null,
    });
  }

  /**
   * Repeats an earlier delivery.
   * @param id the id of an earlier attempt
   * @throws Error when there is no such attempt
   */
  redeliver(id: number): Promise<Delivery | null> {
    const earlier = this.all.find((delivery) => delivery.id === id);
    if (!earlier) throw new Error(`local GitHub: there is no delivery ${id}`);
    const { event, guid, installationId, repositoryId } = earlier;
    const { payload } = earlier.request;
    return this.attempt({ event, payload, guid, redelivery: true, installationId, repositoryId });
  }

  /** Resolves when no delivery is in progress. */
  async settle(): Promise<void> {
    while (this.pending.size > 0) await Promise.all(this.pending);
  }

  async stop(): Promise<void> {
    this.webhook = null;
    this.stopping.abort();
    await this.settle();
  }

  private async attempt({
    payload,
    ...attempt
  }: Pick<Delivery, 'event' | 'guid' | 'redelivery' | 'installationId' | 'repositoryId'> & {
    payload: Record<string, unknown>;
  }): Promise<Delivery | null> {
    const { webhook } = this;
    if (!webhook) return null;
    const { clock, nextId, log } = this.options;
    const text = JSON.stringify(payload);
    const headers = this.headersFor(attempt.event, attempt.guid, text, webhook.secret);
    const started = clock();
    const post = this.post(webhook.url, headers, text);
    this.pending.add(post);
    const { response, ...result } = await post.finally(() => this.pending.delete(post));
    const delivery: Delivery = {
      id: nextId(),
      ...attempt,
      action: typeof payload.action === 'string' ? payload.action : null,
      deliveredAt: started.toISOString(),
      duration: Math.max(0, clock().getTime() - started.getTime()) / 1000,
      ...result,
      request: { headers, payload },
      response,
    };
    this.all.push(delivery);
    const { event, action, guid, statusCode, status } = delivery;
    log(`delivery ${event}.${action} ${guid}: ${statusCode} ${status}`);
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
      'x-github-hook-installation-target-id': String(this.options.app.id),
      'x-github-hook-installation-target-type': 'integration',
      'x-hub-signature': sign('sha1'),
      'x-hub-signature-256': sign('sha256'),
    };
  }

  private async post(url: string, headers: Record<string, string>, body: string) {
    try {
      const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), this.stopping.signal]);
      const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
      const response = { headers: Object.fromEntries(answer.headers), payload: await answer.text() };
      return { statusCode: answer.status, status: answer.ok ? 'OK' : answer.statusText || 'error', response };
    } catch (error) {
      // Do not throw when the receiver is down or slow. Record the failure, as GitHub does.
      const late = error instanceof Error && error.name === 'TimeoutError';
      return {
        statusCode: late ? 504 : 502,
        status: late ? 'timed out' : 'failed to connect to host',
        response: { headers: {}, payload: '' },
      };
    }
  }
}
