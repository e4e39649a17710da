import { isDeepStrictEqual } from 'node:util';
import { settingsPath } from '../task/settings.js';
import { chooseToolchains, readNodeRange } from './choose-toolchains.js';
import { chooseJobs } from './ci/choose-jobs.js';
import {
  assignVariables,
  exportVariables,
  type JobReading,
  remaining,
  unique,
  withoutExports,
} from './ci/job-builder.js';
import { readCi, readSetupJob } from './ci/read-ci.js';
import { applicationVariables } from './compose/application-variables.js';
import { findComposeFiles, weigh } from './compose/find-compose-files.js';
import { type ComposeService, readCompose } from './compose/read-compose.js';
import { copyEnvExamples } from './copy-env-example.js';
import { describeFindings, toLine } from './describe-findings.js';
import { type Devcontainer, readDevcontainer } from './devcontainer.js';
import type { CiTest, Environment, Service } from './environment.js';
import { applyServices, type EnvironmentSettings, toolchainsOf } from './environment-settings.js';
import { preference } from './images.js';
import { type Files, openFiles } from './open-files.js';
import type { RepositoryTree } from './repository-tree.js';
import { runInitScripts } from './services/init-scripts.js';
import { findVersions } from './versions/version-files.js';

const noSettings: EnvironmentSettings = { services: null, env: {}, toolchains: {}, baseBranch: null };
const maxTests = 30;
const maxUnclear = 30;

/**
 * Reads what the files of a repository say about the environment that its tests need. The settings come
 * first, then the set-up of a coding agent, then CI, then files of versions, then compose files in the root,
 * the devcontainer, and compose files in folders. A file that cannot be understood becomes a sentence in
 * `unclear`.
 */
export async function describeEnvironment(
  tree: RepositoryTree,
  settings: EnvironmentSettings = noSettings,
): Promise<Environment> {
  const files = openFiles(tree);
  const engines = await readNodeRange(files);
  const setup = await readSetupJob(files);
  const jobs = chooseJobs(await readCi(files, { baseBranch: settings.baseBranch, nodeRange: engines }));
  const readings = separateVariables([...(setup ? [setup] : []), ...jobs.readings]);
  const tests = unique(readings.flatMap((reading) => reading.tests));
  const devcontainer = await readDevcontainer(files);
  const inCi = mergeServices(readings.map(({ services }) => services));
  const local = inCi.length > 0 ? null : await readLocalServices(files, devcontainer);
  const services = applyServices(inCi.length > 0 ? inCi : (local?.services ?? []), settings.services);
  const variables = readVariables(readings, settings, local, devcontainer);
  const versions = await findVersions(files, foldersOf(tests));
  const chosen = chooseToolchains(
    [...toolchainsOf(settings), ...(setup?.toolchains ?? [])],
    jobs.readings.flatMap(({ toolchains }) => toolchains),
    [...versions.toolchains, ...(devcontainer?.toolchains ?? [])],
    engines,
  );
  // The tests of CI that start servers run without what guides tell people.
  const copied = inCi.length > 0 ? [] : await copyEnvExamples(files);
  const environment = {
    toolchains: chosen.toolchains,
    services,
    variables: Object.fromEntries([...variables].map(([name, { value }]) => [name, value])),
    packageManager: readings.find((one) => one.packageManager)?.packageManager ?? versions.packageManager,
    installs: unique(readings.flatMap(({ installs }) => installs)),
    preparation: unique([
      ...copied,
      ...runInitScripts(services),
      ...readings.flatMap(({ preparation }) => preparation),
    ]),
    tests: tests.slice(0, maxTests),
  };
  const sources = new Map([...variables].map(([name, { source }]) => [name, source]));
  const unclear = [
    ...(tests.length > maxTests
      ? [`CI has ${tests.length} test commands; only the first ${maxTests} were read.`]
      : []),
    ...readings.flatMap((reading) => describeUnclear(reading, environment.variables)),
    ...jobs.unclear,
    ...chosen.unclear,
    ...files.unclear,
  ];
  return {
    ...environment,
    found: describeFindings(environment, sources),
    unclear: [...new Set(unclear.map(toLine))].slice(0, maxUnclear),
  };
}

/**
 * The variables of the set-up and of the first job hold for every command. Those that only another job has
 * hold for its own commands: the tests of the first job run without them.
 */
function separateVariables(readings: readonly JobReading[]): JobReading[] {
  const first = readings.findIndex(({ tests }) => tests.length > 0);
  const shared: Record<string, string> = {};
  return readings.map((reading, index) => {
    if (first < 0 || index <= first) {
      for (const [name, value] of Object.entries(reading.variables)) shared[name] ??= value;
      return reading;
    }
    const own = remaining(reading.variables, shared);
    // What an earlier job prepares in the same way need not be prepared again.
    const toKey = ({ command, folder }: CiTest) => `${folder}\n${withoutExports(command, shared)}`;
    const isNew = (one: CiTest) =>
      !readings.slice(0, index).some(({ preparation }) => preparation.map(toKey).includes(toKey(one)));
    const add = (commands: readonly CiTest[], prefix: typeof exportVariables) =>
      commands.map((one) => ({ ...one, command: prefix(own, one.command) }));
    return {
      ...reading,
      variables: {},
      preparation: add(reading.preparation.filter(isNew), exportVariables),
      tests: add(reading.tests, assignVariables),
    };
  });
}

/**
 * Adds the services of several jobs. A server that another job has under another name, with the same image
 * and port, is the same one. Two such servers of one job are two, and so are two kinds with one name.
 */
function mergeServices(lists: readonly (readonly Service[])[]): Service[] {
  const merged = new Map<string, Service>();
  for (const list of lists) {
    const earlier = [...merged.values()];
    for (const service of list) {
      const isSame = (one: Service) =>
        one.kind === service.kind && one.image === service.image && samePorts(one, service);
      const named = merged.get(service.name);
      const isSecond = named && !earlier.includes(named) && !samePorts(named, service);
      const isOther = named && (named.kind !== service.kind || isSecond);
      const same = isOther ? undefined : (named ?? earlier.find(isSame));
      if (!same) {
        const name = chooseName(service.name, merged);
        merged.set(name, { ...service, name });
      } else
        merged.set(same.name, {
          ...same,
          hosts: [...new Set([...same.hosts, ...service.hosts])],
          ports: [...new Set([...same.ports, ...service.ports])],
          variables: { ...service.variables, ...same.variables },
        });
    }
  }
  return [...merged.values()];
}

/** Returns the name of a service, with a number if another one has it. */
function chooseName(name: string, taken: ReadonlyMap<string, Service>): string {
  let chosen = name;
  for (let number = 2; taken.has(chosen); number += 1) chosen = `${name}-${number}`;
  return chosen;
}

/** Whether two servers have the same port outside of their containers. */
function samePorts({ ports: [a, b = a] }: Service, { ports: [c, d = c] }: Service): boolean {
  return b === d;
}

const maxComposeFiles = 6;

function commonness({ services }: LocalServices): number {
  return Math.max(...services.map(({ kind }) => preference[kind]));
}

interface LocalServices {
  services: Service[];
  project: ComposeService[];
  source: string;
}

/** Reads the devcontainer's services, or those of the first compose file that has a known one. */
async function readLocalServices(
  files: Files,
  devcontainer: Devcontainer | null,
): Promise<LocalServices | null> {
  const { root, folders, packages, tests } = findComposeFiles(files.paths);
  const read = async (file: string) => {
    const override = file.replace(/(\.ya?ml)$/, '.override$1');
    const names = /^(?:.*\/)?(?:docker-)?compose\.ya?ml$/.test(file) ? [file, override] : [file];
    return keepKnown(
      await readCompose(
        files,
        names.filter((name) => files.paths.has(name)),
      ),
      file,
    );
  };
  const inRoot: LocalServices[] = [];
  for (const file of root.slice(0, maxComposeFiles)) {
    const found = await read(file);
    if (found) inRoot.push(found);
  }
  const [best] = inRoot.sort((a, b) => weigh(a.source) - weigh(b.source) || commonness(b) - commonness(a));
  if (best) return best;
  const inDevcontainer = devcontainer && keepKnown(devcontainer.services, devcontainer.file);
  if (inDevcontainer) return inDevcontainer;
  for (const file of folders) {
    const found = await read(file);
    if (found) return found;
  }
  const ofPackages = (await Promise.all(packages.map(read))).filter((one) => one !== null);
  const [first] = ofPackages;
  if (!first) {
    for (const file of tests) {
      const found = await read(file);
      if (found) return found;
    }
    return null;
  }
  // Its variables are those of one application, so the tests of the other packages run without them.
  const project = ofPackages.length === 1 ? first.project : [];
  return { ...first, project, services: joinPackages(ofPackages, files.unclear) };
}

/** Joins the servers of several packages. On one port, there can only be the server of one package. */
function joinPackages(ofPackages: readonly LocalServices[], unclear: Set<string>): Service[] {
  const joined: Service[] = [];
  for (const service of ofPackages.flatMap(({ services }) => services)) {
    const rival = joined.find((one) => one.kind === service.kind && samePorts(one, service));
    if (!rival) joined.push(service);
    else if (rival.image !== service.image || !isDeepStrictEqual(rival.variables, service.variables))
      unclear.add(
        `${service.source}: the service ${service.name} was left out, because that of ${rival.source} has its port.`,
      );
  }
  return joined;
}

function keepKnown(project: ComposeService[], source: string): LocalServices | null {
  const services = project.flatMap(({ service }) => (service && service.kind !== 'other' ? [service] : []));
  return services.length > 0 ? { services: mergeServices([services]), project, source } : null;
}

/**
 * Returns each variable with its file. The environment of a container only counts where CI says nothing:
 * CI's tests run without it.
 */
function readVariables(
  readings: readonly JobReading[],
  settings: EnvironmentSettings,
  local: LocalServices | null,
  devcontainer: Devcontainer | null,
): Map<string, { value: string; source: string }> {
  const variables = new Map<string, { value: string; source: string }>();
  const add = (values: Readonly<Record<string, string>>, source: string) => {
    for (const [name, value] of Object.entries(values))
      if (!variables.has(name)) variables.set(name, { value, source });
  };
  add(settings.env, settingsPath);
  for (const reading of readings) add(reading.variables, reading.source);
  if (readings.some(({ variables: own, tests }) => tests.length > 0 || Object.keys(own).length > 0))
    return variables;
  if (devcontainer) add(devcontainer.variables, devcontainer.file);
  const hosts = new Set((local?.services ?? []).flatMap((service) => service.hosts));
  if (local) add(applicationVariables(local.project, hosts), local.source);
  return variables;
}

/** The folders whose files of versions count: the one that holds all tests, and the root. */
function foldersOf(tests: readonly CiTest[]): string[] {
  const [first, ...more] = [...new Set(tests.map(({ folder }) => folder))];
  return first && more.length === 0 ? [first, ''] : [''];
}

function describeUnclear(reading: JobReading, variables: Readonly<Record<string, string>>): string[] {
  const { source, secrets, unknown, systemPackages, unclear } = reading;
  const missing = secrets.filter((name) => !Object.hasOwn(variables, name));
  const withoutValues =
    missing.length > 0
      ? [
          `${source}: the tests run without ${missing.slice(0, 10).join(', ')}, because CI takes them from secrets.`,
        ]
      : [];
  const lost = unknown.filter((name) => !Object.hasOwn(variables, name));
  if (lost.length > 0)
    withoutValues.push(
      `${source}: the tests run without ${lost.slice(0, 10).join(', ')}, because only GitHub knows the values.`,
    );
  const system =
    systemPackages.length > 0
      ? [
          `${source}: CI installs packages of the system, which this machine may lack: ${systemPackages.slice(0, 10).join(', ')}.`,
        ]
      : [];
  return [...unclear, ...withoutValues, ...system];
}
