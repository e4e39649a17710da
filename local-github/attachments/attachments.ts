import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import type { Answer } from '../answer.js';
import type { Context } from '../context.js';
import { Refusal } from '../refusal.js';
import type { Repository } from '../state.js';

/** A file that a person attached to a text. */
export interface Attachment {
  uuid: string;
  repository: Repository;
  bytes: Buffer;
  /** The `content-type` with which the storage sends it. */
  type: string;
}

/** How long an address of the storage is valid, in seconds. */
const lifetime = 300;

/** The attachments of all repositories, and the signatures of the storage's addresses. */
export class Attachments {
  readonly all: Attachment[] = [];
  /** Base URL of the storage: `http://127.0.0.1:<another port>`. */
  storage = '';
  private readonly secret = randomBytes(32);

  add(attachment: Omit<Attachment, 'uuid'>): Attachment {
    const added = { ...attachment, uuid: randomUUID() };
    this.all.push(added);
    return added;
  }

  find(uuid: string | undefined): Attachment | undefined {
    return this.all.find((attachment) => attachment.uuid === uuid);
  }

  /** Returns an address of the storage, which needs no other authorization. */
  sign({ uuid }: Attachment, now: Date): string {
    const date = now.toISOString().replace(/[-:]|\.\d+/g, '');
    const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=${date}&X-Amz-Expires=${lifetime}`;
    return `${this.storage}/${uuid}?${query}&X-Amz-Signature=${this.signatureOf(uuid, date)}`;
  }

  /** @returns why the storage refuses an address; null if the address is valid */
  checkSigned(url: URL, now: Date): 'SignatureDoesNotMatch' | 'Request has expired' | null {
    const date = url.searchParams.get('X-Amz-Date') ?? '';
    const signature = url.searchParams.get('X-Amz-Signature');
    if (signature !== this.signatureOf(url.pathname.slice(1), date)) return 'SignatureDoesNotMatch';
    const iso = date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
    return now.getTime() > Date.parse(iso) + lifetime * 1000 ? 'Request has expired' : null;
  }

  private signatureOf(uuid: string, date: string): string {
    return createHmac('sha256', this.secret).update(`${uuid} ${date}`).digest('hex');
  }
}

/**
 * Answers a request for an attachment: redirects to the storage. As on GitHub, an attachment of a private
 * repository does not exist for everyone without access.
 * @returns null if the path is not the path of an attachment
 */
export function redirectToStorage(
  context: Context,
  path: string,
  authorization: string | undefined,
): Answer | null {
  const uuid = uuidOf(path);
  if (!uuid) return null;
  const attachment = context.attachments.find(uuid);
  if (!attachment || !mayRead(attachment.repository, context.tokens, authorization))
    return { status: 404, headers: { 'content-type': 'text/html; charset=utf-8' }, body: 'Not Found' };
  return { status: 302, headers: { location: context.attachments.sign(attachment, context.clock()) } };
}

/**
 * Returns the signed address with which GitHub shows an attachment in the HTML of a text.
 * @returns null if the attachment needs no signature, or if the sender may not read it
 */
export function findSignedAddress(
  context: Context,
  address: string,
  authorization: string | undefined,
): string | null {
  const url = URL.canParse(address) ? new URL(address) : null;
  const attachment = url?.origin === context.web ? context.attachments.find(uuidOf(url.pathname)) : undefined;
  const isSigned =
    attachment?.repository.private && mayRead(attachment.repository, context.tokens, authorization);
  return isSigned ? context.attachments.sign(attachment, context.clock()) : null;
}

function uuidOf(path: string): string | undefined {
  return /^\/user-attachments\/assets\/([\da-f-]{36})$/.exec(path)?.[1];
}

function mayRead(
  repository: Repository,
  tokens: Context['tokens'],
  authorization: string | undefined,
): boolean {
  if (!repository.private) return true;
  try {
    const caller = tokens.identify(authorization);
    if (caller.kind !== 'installation') return false;
    const { installation, repositories } = caller.token;
    return (
      installation.account === repository.owner && (!repositories || repositories.includes(repository.id))
    );
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}
