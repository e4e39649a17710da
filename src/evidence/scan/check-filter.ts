import type { Change } from '../../workspace/workspace.js';
import type { Finding } from '../evidence.js';
import { block, mark } from './findings.js';

/** What a filter of .gitattributes makes of files before git stores them. */
interface Filter {
  /** Completes a sentence that begins with the path. */
  says: string;
  /** Returns whether git would store these bytes unchanged. */
  isConverted(bytes: Buffer): boolean;
}

const filters: Record<string, Filter> = {
  lfs: {
    says: 'must be stored with Git LFS, which is not available here. Leave it out, and say so in the summary',
    isConverted: (bytes) => pointer.test(bytes.subarray(0, 1024).toString('latin1')),
  },
  'git-crypt': {
    says: 'must be encrypted with git-crypt, whose key is not available here',
    isConverted: (bytes) => bytes.subarray(0, 10).equals(Buffer.from('\0GITCRYPT\0')),
  },
  crypt: {
    says: 'must be encrypted with transcrypt, whose key is not available here',
    // OpenSSL begins encrypted text with this, in base64.
    isConverted: (bytes) => bytes.subarray(0, 10).toString('latin1') === 'U2FsdGVkX1',
  },
  nbstripout: {
    says: 'must have no outputs and execution counts (nbstripout). Remove them',
    isConverted: isStripped,
  },
};

const pointer =
  /^version https:\/\/git-lfs\.github\.com\/spec\/v1\n(?:[^\n]+\n)*oid sha256:([0-9a-f]{64})\nsize \d+\n$/;

/**
 * Finds out whether a file has the form that a filter of the repository gives it. Pullwright runs no filter,
 * because the repository does not contain its command or its key.
 * @param filter the name of the filter, as .gitattributes gives it
 * @param isOnBase returns whether a word is in a file of the base commit
 */
export async function checkFilter(
  { path: file }: Change,
  bytes: Buffer,
  filter: string,
  isOnBase: (word: string) => Promise<boolean>,
): Promise<Finding[]> {
  // git-crypt names its further keys, such as `git-crypt-release`.
  const name = filter.startsWith('git-crypt-') ? 'git-crypt' : filter;
  const known = Object.hasOwn(filters, name) ? filters[name] : undefined;
  if (!known)
    return [
      mark(
        'filter',
        file,
        `has the git filter ${JSON.stringify(filter)}, which is not known here and did not run`,
      ),
    ];
  if (!known.isConverted(bytes)) return [block('filter', file, known.says)];
  const [, oid] = filter === 'lfs' ? (pointer.exec(bytes.toString('latin1')) ?? []) : [];
  if (oid === undefined || (await isOnBase(oid))) return [];
  return [block('filter', file, 'points at a file in Git LFS that the base commit does not have')];
}

/** Returns whether a notebook has no outputs. A file that is no notebook has none. */
function isStripped(bytes: Buffer): boolean {
  try {
    const { cells } = JSON.parse(bytes.toString('utf8')) as { cells?: unknown };
    if (!Array.isArray(cells)) return true;
    return cells.every((cell) => !(cell?.outputs?.length > 0) && (cell?.execution_count ?? null) === null);
  } catch {
    return true;
  }
}
