import path from 'node:path';
import { completeSuite, type NewSuite } from './changes/check-runs.js';
import { noteBranchesMoved } from './changes/pull-requests.js';
import { commitFiles } from './commit-files.js';
import { addAccount } from './create-app.js';
import { createBareRepository, type Import } from './create-bare-repository.js';
import type { Delivery } from './deliveries.js';
import type { Parts } from './parts.js';
import { listRefs } from './read-repository.js';
import { runGit } from './run-git.js';
import type { Account, Repository, Role } from './state.js';
import { timestamp } from './timestamp.js';

export interface NewRepository extends Import {
  /** Path -> text of the first commit, or of one more on top of what is imported. */
  files?: Record<string, string>;
  private?: boolean;
  /** Without any commit. */
  empty?: boolean;
}

export interface NewCommit {
  branch: string;
  /** Path -> text; null takes the file away. */
  files: Record<string, string | null>;
  message: string;
  /** Login. */
  author: string;
}

/** What a test or demo does to accounts, repositories and branches. */
export interface RepositoryActions {
  addUser(login: string, options?: { type?: Account['type'] }): Account;
  /** The App is installed for its owner, an organization unless `addUser` said otherwise. */
  createRepository(fullName: string, options?: NewRepository): Promise<Repository>;
  /** Adds the user if there is none yet. */
  setRole(fullName: string, login: string, role: Role): void;
  /** The old name goes on leading here. */
  renameRepository(fullName: string, name: string): void;
  /** A push by a person; pull requests follow. @returns the commit's sha */
  commitFiles(fullName: string, commit: NewCommit): Promise<string>;
  deleteBranch(fullName: string, branch: string): Promise<void>;
  /** Checks of another App on a commit end, all of them of one suite; those of the same name are run again. */
  completeChecks(fullName: string, headSha: string, suite: NewSuite): Promise<Delivery | null>;
  redeliver(deliveryId: number): Promise<Delivery | null>;
}

export function createRepositoryActions(parts: Parts, folder: string): RepositoryActions {
  const { state } = parts;
  const addUser = (login: string, type: Account['type'] = 'User') => {
    if (state.findAccount(login)) throw new Error(`local GitHub: there is a user "${login}" already`);
    return addAccount(state, login, type, timestamp(parts));
  };
  return {
    addUser: (login, options) => addUser(login, options?.type),
    createRepository: async (fullName, options = {}) => {
      const [login = '', name = '', rest] = fullName.split('/');
      if (!login || !name || rest !== undefined || state.findRepository(fullName))
        throw new Error(`local GitHub: "${fullName}" is no name for a new repository; write owner/name`);
      const owner = state.findAccount(login) ?? addUser(login, 'Organization');
      install(parts, owner);
      const repository = newRepository(parts, owner, name, folder, options);
      repository.defaultBranch = await createBareRepository(repository.folder, options);
      if (!options.empty) await writeFirstCommit(parts, repository, options);
      state.repositories.push(repository);
      return repository;
    },
    setRole: (fullName, login, role) => {
      if (!state.findAccount(login)) addUser(login);
      state.repository(fullName).roles.set(login.toLowerCase(), role);
    },
    renameRepository: (fullName, name) => {
      const repository = state.repository(fullName);
      state.formerNames.set(fullName.toLowerCase(), repository);
      repository.name = name;
    },
    commitFiles: async (fullName, { author, ...commit }) => {
      const repository = state.repository(fullName);
      const pusher = state.account(author);
      const before = await listRefs(repository.folder, 'refs/heads/');
      const sha = await commitFiles(repository.folder, repository.defaultBranch, {
        ...commit,
        author: { login: pusher.login, date: timestamp(parts) },
      });
      repository.pushedAt = timestamp(parts);
      await noteBranchesMoved(
        parts,
        repository,
        before,
        await listRefs(repository.folder, 'refs/heads/'),
        pusher,
      );
      await parts.deliveries.settle();
      return sha;
    },
    deleteBranch: async (fullName, branch) => {
      const { folder } = state.repository(fullName);
      await runGit(folder, ['update-ref', '-d', `refs/heads/${branch}`]);
    },
    completeChecks: (fullName, headSha, suite) =>
      completeSuite(parts, state.repository(fullName), headSha, suite),
    redeliver: (deliveryId) => parts.deliveries.redeliver(deliveryId),
  };
}

function install(parts: Parts, account: Account): void {
  const { installations } = parts.state;
  if (installations.some((installation) => installation.account === account)) return;
  installations.push({
    id: parts.state.nextId(),
    account,
    suspendedAt: null,
    suspendedBy: null,
    notGranted: [],
    createdAt: timestamp(parts),
  });
}

function newRepository(
  parts: Parts,
  owner: Account,
  name: string,
  folder: string,
  options: NewRepository,
): Repository {
  const id = parts.state.nextId();
  const now = timestamp(parts);
  return {
    id,
    owner,
    name,
    private: options.private ?? false,
    archived: false,
    defaultBranch: options.defaultBranch ?? 'main',
    folder: path.join(path.resolve(folder), `${id}.git`),
    createdAt: now,
    pushedAt: now,
    roles: new Map(),
    labels: [],
    issues: [],
    checkRuns: [],
  };
}

/** GitHub's own first commit is a README. */
async function writeFirstCommit(
  parts: Parts,
  repository: Repository,
  { files, from }: NewRepository,
): Promise<void> {
  if (!files && from) return;
  await commitFiles(repository.folder, repository.defaultBranch, {
    branch: repository.defaultBranch,
    files: files ?? { 'README.md': `# ${repository.name}\n` },
    message: 'First version',
    author: { login: repository.owner.login, date: timestamp(parts) },
  });
}
