import path from 'node:path';
import { addAccount } from '../app/create-app.js';
import { completeSuite, type NewSuite } from '../changes/check-runs.js';
import { noteBranchesMoved } from '../changes/pull-requests.js';
import type { Context } from '../context.js';
import { commitFiles } from '../git/commit-files.js';
import { createBareRepository, type Import } from '../git/create-bare-repository.js';
import { listRefs } from '../git/read-repository.js';
import { refusePushes } from '../git/refuse-pushes.js';
import { runGit } from '../git/run-git.js';
import type { Account, Repository, Role } from '../state.js';
import { timestamp } from '../timestamp.js';
import type { Delivery } from '../webhooks/deliveries.js';

export interface NewRepository extends Import {
  /**
   * Maps each path to its text. Without `from`, the files become the first commit. With `from`, they become
   * one more commit after the imported commits.
   */
  files?: Record<string, string>;
  private?: boolean;
  /** Whether to create the repository without any commit. */
  empty?: boolean;
}

export interface NewCommit {
  branch: string;
  /** Maps each path to its new text. Null deletes the file. */
  files: Record<string, string | null>;
  message: string;
  /** The login of an existing user. */
  author: string;
}

/** Changes accounts, repositories and branches for a test or a demo. */
export interface RepositoryActions {
  addUser(login: string, options?: { type?: Account['type'] }): Account;
  /**
   * Creates a repository and installs the App for its owner. If no account has the owner's login, first
   * creates an organization with this login.
   */
  createRepository(fullName: string, options?: NewRepository): Promise<Repository>;
  /** Sets a user's role in a repository. Creates the user's account if it does not exist yet. */
  setRole(fullName: string, login: string, role: Role): void;
  /** Renames a repository. As on GitHub, API requests with the old name are then redirected. */
  renameRepository(fullName: string, name: string): void;
  /**
   * Simulates a person who pushes a commit to a branch. Open pull requests of the branch move to the new
   * commit.
   * @returns the commit's sha
   */
  commitFiles(fullName: string, commit: NewCommit): Promise<string>;
  deleteBranch(fullName: string, branch: string): Promise<void>;
  /**
   * Refuses every push of the App, as GitHub does if commits break rules of the repository.
   * @param rules what GitHub says of each broken rule: a line, and more lines that begin with two spaces
   */
  refusePushes(fullName: string, rules: readonly string[]): Promise<void>;
  /**
   * Adds a completed check suite of another App, such as GitHub Actions, to a commit. If this other App has
   * already reported a check with the same name for the commit, the new check is treated as a rerun.
   */
  completeChecks(fullName: string, headSha: string, suite: NewSuite): Promise<Delivery | null>;
  /**
   * Stores a file, as GitHub does when a person drops it into a text of the repository.
   * @param type the `content-type` with which the storage sends it
   * @returns the address to use in the text
   */
  addAttachment(fullName: string, bytes: Buffer, type?: string): string;
  redeliver(deliveryId: number): Promise<Delivery | null>;
}

export function createRepositoryActions(context: Context, folder: string): RepositoryActions {
  const { state } = context;
  const addUser = (login: string, type: Account['type'] = 'User') => {
    if (state.findAccount(login)) throw new Error(`local GitHub: the user "${login}" already exists`);
    return addAccount(state, login, type, timestamp(context));
  };
  return {
    addUser: (login, options) => addUser(login, options?.type),
    createRepository: async (fullName, options = {}) => {
      const [login = '', name = '', rest] = fullName.split('/');
      if (!login || !name || rest !== undefined || state.findRepository(fullName))
        throw new Error(
          `local GitHub: expected an unused owner/name for a new repository; found "${fullName}"`,
        );
      const owner = state.findAccount(login) ?? addUser(login, 'Organization');
      install(context, owner);
      const repository = newRepository(context, owner, name, folder, options);
      repository.defaultBranch = await createBareRepository(repository.folder, options);
      if (!options.empty) await writeFirstCommit(context, repository, options);
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
        author: { login: pusher.login, date: timestamp(context) },
      });
      repository.pushedAt = timestamp(context);
      await noteBranchesMoved(
        context,
        repository,
        before,
        await listRefs(repository.folder, 'refs/heads/'),
        pusher,
      );
      await context.deliveries.settle();
      return sha;
    },
    deleteBranch: async (fullName, branch) =>
      void (await runGit(state.repository(fullName).folder, ['update-ref', '-d', `refs/heads/${branch}`])),
    refusePushes: (fullName, rules) => refusePushes(state.repository(fullName).folder, fullName, rules),
    completeChecks: (fullName, headSha, suite) =>
      completeSuite(context, state.repository(fullName), headSha, suite),
    addAttachment: (...attachment) => addAttachment(context, ...attachment),
    redeliver: (deliveryId) => context.deliveries.redeliver(deliveryId),
  };
}

function addAttachment(
  { attachments, state, web }: Context,
  fullName: string,
  bytes: Buffer,
  type = 'image/png',
): string {
  const { uuid } = attachments.add({ repository: state.repository(fullName), bytes, type });
  return `${web}/user-attachments/assets/${uuid}`;
}

function install(context: Context, account: Account): void {
  const { installations } = context.state;
  if (installations.some((installation) => installation.account === account)) return;
  installations.push({
    id: context.state.nextId(),
    account,
    suspendedAt: null,
    suspendedBy: null,
    notGranted: [],
    createdAt: timestamp(context),
  });
}

function newRepository(
  context: Context,
  owner: Account,
  name: string,
  folder: string,
  options: NewRepository,
): Repository {
  const id = context.state.nextId();
  const now = timestamp(context);
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

/**
 * Commits the given files to the default branch. If no files are given, a new repository gets a commit with a
 * README, as on GitHub, and an imported repository gets no extra commit.
 */
async function writeFirstCommit(
  context: Context,
  repository: Repository,
  { files, from }: NewRepository,
): Promise<void> {
  if (!files && from) return;
  await commitFiles(repository.folder, repository.defaultBranch, {
    branch: repository.defaultBranch,
    files: files ?? { 'README.md': `# ${repository.name}\n` },
    message: 'First version',
    author: { login: repository.owner.login, date: timestamp(context) },
  });
}
