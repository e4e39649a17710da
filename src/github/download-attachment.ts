import { Agent, type Dispatcher, request } from 'undici';
import { createPublicLookup } from '../sandbox/sandbox.js';
import {
  type AttachmentScope,
  isPublicGitHub,
  mayFollow,
  readAttachmentAddress,
} from './attachment-address.js';

/** The bytes of an attachment, or why it could not be read, in a few words. */
export type Download = { bytes: Buffer } | { fault: string };

interface DownloadOptions extends AttachmentScope {
  token: string;
  /**
   * Renders Markdown as GitHub shows it in the repository.
   * @returns HTML; null if GitHub refuses it for good
   */
  render: (markdown: string) => Promise<string | null>;
  /** Called before every request. Throws if this worker must not send anything. */
  beforeRequest: () => Promise<void>;
  /** Overrides the time limit and the size limit, in milliseconds and bytes. */
  timeoutMs?: number;
  maxBytes?: number;
}

/** GitHub's own limit for an image, in bytes. */
const maxAttachmentBytes = 10 * 1024 * 1024;
const downloadTimeoutMs = 20_000;
const maxRequests = 4;
const notFound = 'not found, or the App may not read it (404)';
const redirects = new Set([301, 302, 303, 307, 308]);

/**
 * Downloads an image that GitHub stores. Sends the token only to the GitHub server itself. Follows redirects
 * only to GitHub's storage. Tries a second time after a temporary fault.
 *
 * GitHub may not accept the token of an App for the address in the text. In this case, the download uses the
 * address that GitHub gives to browsers: it is signed, valid for a few minutes, and needs no token.
 * @param address an address that `readAttachmentAddress` accepts
 */
export async function downloadAttachment(address: string, options: DownloadOptions): Promise<Download> {
  const found = readAttachmentAddress(address, options);
  if (!found) return { fault: 'not stored on GitHub' };
  const lookup = createPublicLookup((host) => new Error(`${host} has a private address`));
  // The server of an operator may be in a private network, but github.com is not.
  const agent = new Agent(isPublicGitHub(options.webUrl) ? { connect: { lookup } } : {});
  try {
    const direct = await attemptTwice(found.url, agent, options);
    if (!('fault' in direct) || direct.fault !== notFound) return direct;
    const shown = findShownAddress(await options.render(`![image](${found.url.href})`), found.url, options);
    return shown ? await attemptTwice(shown, agent, { ...options, token: null }) : direct;
  } finally {
    await agent.destroy();
  }
}

/** Finds the address of an image in the HTML that GitHub shows. */
function findShownAddress(html: string | null, { pathname }: URL, { webUrl }: AttachmentScope): URL | null {
  const [file = ''] = pathname.split('/').slice(-1);
  const [, address = ''] = /<img\s[^>]*?src="([^"]*)"/.exec(html ?? '') ?? [];
  const text = address.replaceAll('&amp;', '&');
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  return mayFollow(url, webUrl) && url.pathname.includes(file) ? url : null;
}

type AttemptOptions = Omit<DownloadOptions, 'token'> & { token: string | null };

async function attemptTwice(url: URL, agent: Dispatcher, options: AttemptOptions): Promise<Download> {
  const first = await attempt(url, agent, options);
  if (!('isTemporary' in first)) return first;
  const second = await attempt(url, agent, options);
  return 'fault' in second ? { fault: second.fault } : second;
}

/** One attempt, with all of its redirects. */
async function attempt(
  start: URL,
  dispatcher: Dispatcher,
  options: AttemptOptions,
): Promise<Download | { fault: string; isTemporary: true }> {
  const { webUrl, token, beforeRequest, timeoutMs = downloadTimeoutMs } = options;
  const signal = AbortSignal.timeout(timeoutMs);
  let url = start;
  for (let count = 1; count <= maxRequests; count++) {
    await beforeRequest();
    try {
      const isGitHub = token !== null && url.origin === new URL(webUrl).origin;
      // `request` neither follows redirects nor decompresses the body.
      const { statusCode, headers, body } = await request(url, {
        dispatcher,
        signal,
        headers: {
          accept: 'image/*',
          'accept-encoding': 'identity',
          'user-agent': 'pullwright',
          ...(isGitHub && { authorization: `token ${token}` }),
        },
      });
      if (statusCode === 200) return await readBody(body, options.maxBytes ?? maxAttachmentBytes);
      // The rest of this body is not needed, so its end is no error.
      body.on('error', () => {}).destroy();
      if (!redirects.has(statusCode)) return explainStatus(statusCode);
      const location = [headers.location ?? ''].flat()[0] ?? '';
      if (!URL.canParse(location, url.href)) return { fault: 'redirected to no valid address' };
      url = new URL(location, url.href);
    } catch (error) {
      return explainError(error, signal);
    }
    if (!mayFollow(url, webUrl)) return { fault: 'redirected to a host that is not GitHub' };
  }
  return { fault: 'redirected too often' };
}

async function readBody(body: Dispatcher.ResponseData['body'], maxBytes: number): Promise<Download> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Leaving the loop early destroys the body.
  for await (const chunk of body) {
    size += (chunk as Buffer).length;
    if (size > maxBytes) return { fault: `larger than ${maxBytes / 1024 / 1024} MB` };
    chunks.push(chunk as Buffer);
  }
  return { bytes: Buffer.concat(chunks) };
}

function explainStatus(status: number): { fault: string } | { fault: string; isTemporary: true } {
  if (status === 429 || status >= 500) return { fault: `GitHub answers ${status}`, isTemporary: true };
  return status === 404 ? { fault: notFound } : { fault: `GitHub answers ${status}` };
}

function explainError(error: unknown, signal: AbortSignal): { fault: string; isTemporary: true } | Download {
  if (signal.aborted) return { fault: 'the download takes too long' };
  const { message, code } = error as { message?: string; code?: string };
  if (message?.endsWith('has a private address')) return { fault: 'redirected to a private address' };
  return { fault: `GitHub could not be reached (${code ?? 'no connection'})`, isTemporary: true };
}
