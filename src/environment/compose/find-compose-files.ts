import path from 'node:path';

const name = /^(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml$/i;
/** Files for servers, not for the computers of developers. */
const notForTests =
  /prod|deploy|staging|release|monitor|override|swarm|traefik|grafana|prometheus|bench|example-/i;
/** Folders that hold the compose file of the repository itself. */
const folders =
  /^(?:\.?docker\w*|\.?dev\w*|compose|infra\w*|tests?|local|backend|server|api|app|apps|ci|build|scripts|tools|ops|containers?|db|database|services|hack|env\w*)$/i;

/** Folders that hold the packages of a repository, each with a compose file of its own. */
const ofPackages = /^(?:packages|apps|services|libs|modules|plugins|backends?|servers?)\/[^/]+$/i;
/** Such a folder beside the packages only holds what they need. */
const ofServers = /(?:^|[/-])(?:infra\w*|docker|compose|databases?|db|services)$/i;
const ofTests = /(?:^|\/)(?:tests?|__tests__|integration|e2e)$/i;
const maxPackages = 8;
const maxTests = 4;

export interface ComposeFiles {
  root: string[];
  folders: string[];
  /** One of each package. All of them count together. */
  packages: string[];
  /** Those beside tests further below, which often start them in their own code. */
  tests: string[];
}

/** Lists the repository's compose files, those for tests first. */
export function findComposeFiles(paths: ReadonlySet<string>): ComposeFiles {
  const all = [...paths].filter((file) => name.test(path.posix.basename(file)) && !notForTests.test(file));
  const inDepth = (depth: number) => all.filter((file) => file.split('/').length === depth + 1).sort(compare);
  const known = inDepth(1).filter((file) => folders.test(path.posix.dirname(file)));
  const packages = new Map<string, string>();
  for (const file of inDepth(2)) {
    const folder = path.posix.dirname(file);
    const isPackage = paths.has(`${folder}/package.json`) || ofServers.test(folder);
    if (ofPackages.test(folder) && isPackage && !packages.has(folder)) packages.set(folder, file);
  }
  const deeper = [1, 2, 3, 4, 5].flatMap(inDepth).filter((file) => ofTests.test(path.posix.dirname(file)));
  return {
    root: inDepth(0),
    folders: known,
    packages: [...packages.values()].slice(0, maxPackages),
    tests: deeper.slice(0, maxTests),
  };
}

function compare(a: string, b: string): number {
  return weigh(a) - weigh(b) || a.localeCompare(b, 'en');
}

/** Returns a smaller number for a file that more likely describes what the tests need. */
export function weigh(file: string): number {
  const base = path.posix.basename(file).toLowerCase();
  if (/test/.test(base)) return 0;
  if (/[.-]ci\b/.test(base)) return 1;
  if (/^(?:docker-)?compose\.ya?ml$/.test(base)) return 2;
  return /dev|local|db|database|deps|dependencies|infra|services|postgres|mysql|mongo/.test(base) ? 3 : 4;
}
