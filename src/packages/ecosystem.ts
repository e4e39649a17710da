import type { RepositoryTree } from '../environment/repository-tree.js';
import type { Package } from '../evidence/evidence.js';

/** The packages that one manifest asks for, by name. */
export type Requirements = ReadonlyMap<string, { range: string; dev: boolean }>;

/** A package in a lockfile. */
export interface LockedPackage {
  name: string;
  version: string;
  /** Where the package comes from; null if it is the registry. */
  source: string | null;
}

/** What a package manager installed. */
export type InstalledPackage = Pick<Package, 'license' | 'bytes' | 'installScripts'> & { version: string };

/** A script for a sandbox, and its arguments. */
export interface Script {
  script: string;
  args: string[];
}

/** A script that describes installed packages. */
export interface Inspection extends Script {
  /**
   * Reads what the script printed. The default is JSON.
   * @returns an `InstalledPackage` for each package that was found, by name
   * @throws SyntaxError if the script printed something else
   */
  read?(printed: string): unknown;
}

/**
 * Package managers that share a kind of manifest. The functions that read text get text that the agent can
 * have written.
 */
export interface Ecosystem {
  /** Matches the paths of manifests, which say what a project asks for. */
  readonly manifests: RegExp;
  /** Matches the paths of lockfiles, which say what is installed. */
  readonly lockfiles: RegExp;
  /** Matches the paths of settings of package managers. They can name other registries and programs. */
  readonly settings: RegExp;
  /**
   * The manifest at the root of a repository.
   * @param dev whether it gets packages that only developers need
   */
  findRootManifest(files: ReadonlySet<string>, dev: boolean): string | null;
  /** Returns whether a text is a plain request for a registry package: a name, and maybe a version range. */
  isSpec(text: string): boolean;
  /** Returns the name of the package in such a request. */
  nameIn(spec: string): string;
  /** A request that shows the agent the form. */
  readonly example: string;
  /**
   * Checks a manifest or lockfile that the change adds or edits.
   * @param baseText the same file in the base commit; null if there is none
   * @returns the text that a package manager with network access may read; null if it needs none
   * @throws PackageError if the file asks for a package from another place than the registry
   */
  makeSafe(path: string, text: string, baseText: string | null): string | null;
  /**
   * Lists the source files without which the package manager refuses a manifest. It gets empty ones. A
   * manifest that the change adds is therefore of no use for the base commit.
   */
  listSources?(path: string, text: string): string[];
  /** Returns whether two different texts of a file ask for the same packages. */
  hasSamePackages(path: string, one: string, other: string): boolean;
  /** @returns an empty map if the text is invalid */
  readManifest(path: string, text: string): Requirements;
  /** @returns [] if the text is invalid */
  readLockfile(path: string, text: string): LockedPackage[];
  /**
   * Finds the project to which a manifest or a lockfile belongs, and its package manager.
   * @returns null if packages cannot be added to the file
   */
  openProject(base: RepositoryTree, change: RepositoryTree, path: string): Promise<Project | null>;
}

/** A folder with one lockfile, and the commands of its package manager. */
export interface Project {
  /** The name of the package manager, such as `npm`. */
  manager: string;
  /** The folder, relative to the repository's root; '' is the root. */
  root: string;
  /** The lockfile's path; null if the project has none. `add` and `install` may create it. */
  lockfile: string | null;
  /** Other files that `add` and `install` may update. `mergeLockfile` makes them fit as well. */
  updates?: string[];
  /** Installs the package manager if it is not installed. */
  provide: string[];
  /** Adds packages to a manifest and installs everything. Runs in the manifest's folder. */
  add(manifest: string, specs: readonly string[], dev: boolean): Script;
  /**
   * Installs everything without running code of a package. Updates a lockfile that does not fit its
   * manifests. Runs in `root`.
   */
  install: Script;
  /** Prints an `InstalledPackage` for each of the names. Runs in the manifest's folder. */
  inspect(names: readonly string[]): Inspection;
  /** Environment variables for `provide`, `add` and `install`. */
  environment: Record<string, string>;
  /** Environment variables that make the package manager use only what was downloaded. */
  offline: Record<string, string>;
  /** Folders of the home folder that contain what was downloaded. */
  homeFolders: string[];
  /** Runs before the set-up commands, in the root of the repository, without network access. */
  prepare?: string | undefined;
  /**
   * Combines the agent's manifest with the one that `add` has written. Also combines the base's manifest with
   * the one of a change that only adds packages.
   * @param text the agent's manifest
   * @throws PackageError if that is not possible
   */
  mergeManifest(text: string, written: string, manifest: string): string;
  /**
   * Makes a lockfile that `add` has written fit for the repository.
   * @param registry the URL of this machine's registry, which must not become part of the repository
   */
  mergeLockfile(text: string, written: string, registry: string): string;
}

/** A request or a file that is not accepted. The message is a sentence for the agent and for reviewers. */
export class PackageError extends Error {}
