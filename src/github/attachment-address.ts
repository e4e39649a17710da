/** An address at which GitHub stores an image of a text. */
export interface AttachmentAddress {
  url: URL;
  /** The address without parts that give access, for people and the agent. */
  shown: string;
}

/** The server whose attachments are read, and the repository whose texts contain them. */
export interface AttachmentScope {
  /** Base URL of GitHub's web pages, such as `https://github.com`. */
  webUrl: string;
  repository: { owner: string; name: string };
}

const uuid = '[\\da-f]{8}(?:-[\\da-f]{4}){3}-[\\da-f]{12}';
/** The hosts to which github.com redirects a request for an attachment. */
const storageHosts = new Set([
  'github-production-user-asset-6210df.s3.amazonaws.com',
  'objects.githubusercontent.com',
  'private-user-images.githubusercontent.com',
  'user-images.githubusercontent.com',
]);

/**
 * Reads the address of an image in a text.
 * @returns null if it is not the address of an attachment that the GitHub server stores itself. Only a whole,
 * known address counts, so an address cannot contain instructions either.
 */
export function readAttachmentAddress(address: string, scope: AttachmentScope): AttachmentAddress | null {
  if (address.length > 2000 || !URL.canParse(address)) return null;
  const url = new URL(address);
  const web = new URL(scope.webUrl);
  if (url.username || url.password || url.protocol !== web.protocol) return null;
  const place = listPlaces(web, scope.repository).find(
    ({ host, path }) => host === url.host && path.test(url.pathname),
  );
  if (!place) return null;
  const access = place.access ? url.searchParams.get(place.access) : null;
  url.hash = '';
  url.search = '';
  const shown = url.href;
  if (place.access && access && /^[\w.-]{1,1500}$/.test(access)) url.searchParams.set(place.access, access);
  return { url, shown };
}

interface Place {
  host: string;
  path: RegExp;
  /** The parameter that gives access for a short time; null if the place has none. */
  access: string | null;
}

function listPlaces(web: URL, { owner, name }: AttachmentScope['repository']): Place[] {
  const repository = `${escapeName(owner)}/${escapeName(name)}`;
  const own = [
    { host: web.host, path: new RegExp(`^/user-attachments/assets/${uuid}$`), access: null },
    // Older attachments have the repository's name in their address.
    { host: web.host, path: new RegExp(`^/${repository}/assets/\\d{1,12}/${uuid}$`, 'i'), access: null },
  ];
  if (isPublicGitHub(web.href)) {
    const path = /^\/\d{1,12}\/[\da-f-]{10,80}\.[a-z]{3,4}$/;
    return [
      ...own,
      { host: 'user-images.githubusercontent.com', path, access: null },
      { host: 'private-user-images.githubusercontent.com', path, access: 'jwt' },
    ];
  }
  // GitHub Enterprise Server stores attachments itself. With subdomain isolation, it has a host for them.
  return [
    ...own,
    { host: web.host, path: new RegExp(`^/assets/(?:\\d{1,12}/)?${uuid}$`), access: null },
    { host: web.host, path: new RegExp(`^/storage/user/\\d{1,12}/files/${uuid}$`), access: null },
    { host: `media.${web.host}`, path: new RegExp(`^/user/\\d{1,12}/files/${uuid}$`), access: 'token' },
  ];
}

function escapeName(text: string): string {
  return text.replace(/[^\w-]/g, '\\$&');
}

/**
 * Returns whether a request for an attachment may follow a redirect to this address. For github.com, the
 * hosts are known. A GitHub Enterprise Server may redirect to its own name, also on another port, and to its
 * subdomains.
 */
export function mayFollow(target: URL, webUrl: string): boolean {
  const web = new URL(webUrl);
  if (target.username || target.password || target.protocol !== web.protocol) return false;
  if (target.origin === web.origin) return true;
  if (isPublicGitHub(webUrl)) return target.port === '' && storageHosts.has(target.hostname);
  return target.hostname === web.hostname || target.hostname.endsWith(`.${web.hostname}`);
}

/** Returns whether the server is github.com, which has only public addresses. */
export function isPublicGitHub(webUrl: string): boolean {
  return new URL(webUrl).href === 'https://github.com/';
}
