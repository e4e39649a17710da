import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { identity } from '../../local-github/git/create-bare-repository.js';
import { type GitOptions, runGit } from '../../local-github/git/run-git.js';
import { InputError } from '../task.js';

/** A path in which two trees differ. The mode is `000000` if there is no file. */
export interface TreeEntry {
  path: string;
  mode: string;
  blob: string;
}

/** A bare repository of its own, in which commits for measurements are composed. It has no work tree. */
export class TaskRepository {
  private constructor(readonly folder: string) {}

  /** @param sources git directories or work trees, whose objects the new repository uses */
  static async create(folder: string, sources: readonly string[]): Promise<TaskRepository> {
    const repository = new TaskRepository(folder);
    // The sandbox runs as another user, who must be able to read the objects.
    await repository.git(['init', '--quiet', '--bare', '--shared=0644', '--initial-branch=main', folder]);
    const objects = sources.map((source) => path.join(path.resolve(source), 'objects'));
    await writeFile(repository.alternates, `${objects.join('\n')}\n`);
    return repository;
  }

  async treeOf(commit: string): Promise<string> {
    return this.text(['rev-parse', '--verify', '--quiet', `${commit}^{tree}`]);
  }

  /** @returns the tree with the patch applied */
  async applyPatch(tree: string, patch: string): Promise<string> {
    if (patch.trim() === '') return tree;
    const input = patch.endsWith('\n') ? patch : `${patch}\n`;
    return this.withIndex(tree, (env) =>
      this.git(['apply', '--cached', '--whitespace=nowarn', '-'], { env, input }),
    );
  }

  /** Lists the files that `to` has in another version than `from`, and those that it lacks. */
  async compareTrees(from: string, to: string): Promise<TreeEntry[]> {
    const output = await this.git(['diff-tree', '-r', '-z', '--raw', '--no-renames', from, to]);
    const fields = output.toString('utf8').split('\0');
    return fields.flatMap((field, index) => {
      const [, , mode = '', , blob = ''] = /^:(\d+) (\d+) ([0-9a-f]+) ([0-9a-f]+) \w$/.exec(field) ?? [];
      return mode ? [{ path: fields[index + 1] ?? '', mode, blob }] : [];
    });
  }

  /** @returns the tree with these entries in place of its own; an entry without a file is removed */
  async writeTree(tree: string, entries: readonly TreeEntry[]): Promise<string> {
    const input = entries.map(({ mode, blob, path: file }) => `${mode} ${blob}\t${file}\0`).join('');
    return this.withIndex(tree, (env) =>
      this.git(['update-index', '--replace', '-z', '--index-info'], { env, input }),
    );
  }

  /** @returns null if the tree has no such file */
  async findEntry(tree: string, file: string): Promise<TreeEntry | null> {
    const listed = await this.git(['ls-tree', '-z', tree, '--', `:(literal)${file}`]);
    const [, mode, blob] = /^(\d+) blob ([0-9a-f]+)\t/.exec(listed.toString('utf8')) ?? [];
    return mode && blob ? { path: file, mode, blob } : null;
  }

  readBlob(blob: string): Promise<Buffer> {
    return this.git(['cat-file', 'blob', blob]);
  }

  async writeBlob(content: string): Promise<string> {
    return this.text(['hash-object', '-w', '--stdin'], { input: content });
  }

  /**
   * Makes a commit without parents the only content of this repository, so that a sandbox can read it and
   * finds no history. After this call, the repository uses no other one.
   */
  async seal(tree: string): Promise<string> {
    const env = identity('2026-01-05T09:00:00Z');
    const commit = await this.text(['commit-tree', tree, '-m', 'Task'], { env });
    await this.git(['update-ref', 'refs/heads/main', commit]);
    await this.git(['repack', '-a', '-d', '--quiet']);
    await rm(this.alternates);
    return commit;
  }

  private get alternates(): string {
    return path.join(this.folder, 'objects', 'info', 'alternates');
  }

  private async withIndex(
    tree: string,
    change: (env: Record<string, string>) => Promise<unknown>,
  ): Promise<string> {
    const index = path.join(this.folder, `index-${randomBytes(6).toString('hex')}`);
    const env = { GIT_INDEX_FILE: index };
    await this.git(['read-tree', tree], { env });
    await change(env);
    const changed = await this.text(['write-tree'], { env });
    await rm(index);
    return changed;
  }

  /** A patch that does not fit and a mirror that lacks objects are faults of the input. */
  private git(args: string[], options?: GitOptions): Promise<Buffer> {
    return runGit(this.folder, args, options).catch((error: Error) => {
      throw new InputError(error.message, { cause: error });
    });
  }

  private async text(args: string[], options?: GitOptions): Promise<string> {
    return (await this.git(args, options)).toString('utf8').trim();
  }
}
