import { applicationVariables } from '../compose/application-variables.js';
import { findComposeFiles } from '../compose/find-compose-files.js';
import { type ComposeService, readCompose } from '../compose/read-compose.js';
import type { Service } from '../environment.js';
import { type Files, joinInside } from '../open-files.js';
import { beforeRedirection, splitWords } from '../shell/split-script.js';
import { stripPrefixes } from '../shell/strip-prefixes.js';
import { limitInsertions, own } from '../values.js';
import { readDockerRun } from './docker-run.js';
import { makeService } from './make-service.js';

export interface ServiceCommand {
  services: Service[];
  /** The command that runs the repository's code in a container; null if there is none. */
  inner: InnerCommand | null;
  /** Whether such a container runs a command that only its image knows. */
  isHidden?: boolean;
  /** The names of services that the command starts and that are built from the repository. */
  built?: string[];
}

interface InnerCommand {
  command: string;
  folder: string;
  /** The variables that the container has. */
  variables: Record<string, string>;
}

/**
 * Reads a command of CI that starts services: `docker compose up`, `docker run` or `systemctl start`. For
 * `docker compose run app npm test`, `inner` is `npm test`.
 */
export async function readServiceCommand(
  command: string,
  place: { folder: string; source: string; variables: Readonly<Record<string, string>> },
  files: Files,
): Promise<ServiceCommand> {
  const limit = limitInsertions();
  const replaced = command.replace(
    /\$\{?([A-Za-z_]\w*)\}?/g,
    (whole, name: string) => limit(own(place.variables, name) ?? whole) ?? whole,
  );
  const plain = stripPrefixes(splitWords(replaced)).filter((word) => word !== 'sudo');
  const words = stripPrefixes(beforeRedirection(plain));
  const [program = '', second = ''] = words;
  const isRun = second === 'run' || (second === 'container' && words[2] === 'run');
  if (/^(?:docker|podman)$/.test(program) && isRun) {
    const service = readDockerRun(words.slice(second === 'run' ? 2 : 3), place.source, files.unclear);
    return { services: service ? [service] : [], inner: null };
  }
  if (second === 'compose' || /^(?:docker|podman)-compose$/.test(program))
    return readComposeCommand(words.slice(second === 'compose' ? 2 : 1), place, files);
  return { services: readSystemService(words, place.source), inner: null };
}

const runOptionsWithValue =
  /^(?:-e|--env|-u|--user|-w|--workdir|--name|-p|--publish|--entrypoint|-v|--volume|-l|--label|--index|--scale|-t|--timeout|--wait-timeout|--pull|--exit-code-from|--profile|--project-name|-P|--env-file|--project-directory|--ansi|--parallel)$/;

async function readComposeCommand(
  words: readonly string[],
  place: { folder: string; variables: Readonly<Record<string, string>> },
  files: Files,
): Promise<ServiceCommand> {
  const named: string[] = [];
  let at = 0;
  for (; words[at]?.startsWith('-'); at++) {
    const [name = '', inline] = (words[at] ?? '').split(/=(.*)/s);
    if (name === '-f' || name === '--file') named.push(inline ?? words[++at] ?? '');
    else if (runOptionsWithValue.test(name) && inline === undefined) at += 1;
  }
  const [action, ...more] = words.slice(at);
  const { rest, options } = separateOptions(more);
  const chosen = chooseFiles(named, place.folder, files);
  const project = await readCompose(files, chosen, place.variables);
  const isUp = action === 'up' || action === 'start';
  const wanted = isUp
    ? addDependencies(
        rest.filter((word) => !word.startsWith('-')),
        project,
      )
    : [];
  // A command in the container of a database does not run the repository's code.
  const isServer = project.some(({ name, service }) => name === rest[0] && service !== null);
  const isRun = (action === 'run' || action === 'exec') && !isServer;
  const needed = new Set(isRun ? addDependencies(rest.slice(0, 1), project) : wanted);
  const isNeeded = ({ name, service }: ComposeService) =>
    needed.has(name) || (wanted.length === 0 && (isUp || service?.kind !== 'other'));
  const services = project.filter(isNeeded).flatMap(({ service }) => (service ? [service] : []));
  const waitsFor = isUp ? options.get('--exit-code-from') : undefined;
  const isAwaited = waitsFor !== undefined || (isUp && options.has('--abort-on-container-exit'));
  const built = project.filter(({ isBuilt, service }) => isBuilt && !service);
  const awaited = isAwaited
    ? (project.find(({ name }) => name === (waitsFor || rest.at(-1))) ?? built.find(runsTests))
    : undefined;
  const hosts = new Set(services.flatMap((service) => service.hosts));
  const one = isRun ? project.find(({ name }) => name === rest[0]) : awaited;
  // Without a command of its own, a container runs that of the compose file.
  const standard = one?.service ? [] : (one?.command ?? []);
  const inner = isRun && rest.length > 1 ? rest.slice(1) : standard;
  if (inner.length === 0) {
    const own = isUp && !isAwaited ? built.map(({ name }) => name) : [];
    const isHidden = (isAwaited && built.length > 0) || (isRun && one !== undefined && runsTests(one));
    return {
      ...{ services, inner: null, isHidden },
      built: own.filter((name) => wanted.length === 0 || wanted.includes(name)),
    };
  }
  const isProject = one?.context && files.paths.has(`${one.context}/package.json`);
  return {
    services,
    inner: {
      command: unwrapShell(inner),
      folder: isProject ? (one.context ?? '') : place.folder,
      variables: { ...(one?.isBuilt && applicationVariables([one], hosts)), ...readOptions(more) },
    },
  };
}

/** Returns the compose files that a command names, or the one that it uses by default. */
function chooseFiles(named: readonly string[], folder: string, files: Files): string[] {
  const composeFiles = named
    .map((name) => joinInside(folder, name))
    .filter((name) => name !== null && files.paths.has(name)) as string[];
  const inFolder = [...files.paths].filter((file) => file.startsWith(folder ? `${folder}/` : ''));
  const relative = new Set(inFolder.map((file) => file.slice(folder ? folder.length + 1 : 0)));
  const [standard] = findComposeFiles(relative).root.filter((file) =>
    /^(?:docker-)?compose\.ya?ml$/.test(file),
  );
  return composeFiles.length > 0 ? composeFiles : standard ? [joinInside(folder, standard) ?? ''] : [];
}

function runsTests({ name, command }: ComposeService): boolean {
  return /test/.test(`${name} ${command.join(' ')}`);
}

/** Separates the options before the name of a service from the words after them. */
function separateOptions(words: readonly string[]): { rest: string[]; options: Map<string, string> } {
  const rest: string[] = [];
  const options = new Map<string, string>();
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const [name = '', inline] = word.split(/=(.*)/s);
    if (rest.length > 0 || !word.startsWith('-')) rest.push(word);
    else if (inline === undefined && runOptionsWithValue.test(word)) options.set(word, words[++index] ?? '');
    else options.set(name, inline ?? '');
  }
  return { rest, options };
}

/** Reads `-e A=b` among the options of `docker compose run`. */
function readOptions(words: readonly string[]): Record<string, string> {
  const variables: Record<string, string> = {};
  for (let index = 0; words[index]?.startsWith('-'); index++) {
    const word = words[index] ?? '';
    if (!runOptionsWithValue.test(word)) continue;
    const [, name, value = ''] = /^([A-Za-z_]\w*)=(.*)$/s.exec(words[++index] ?? '') ?? [];
    if (name !== undefined && /^(?:-e|--env)$/.test(word)) variables[name] = value;
  }
  return variables;
}

/** `sh -c 'npm run migrate && npm test'` runs what it names. */
function unwrapShell(words: readonly string[]): string {
  const [program = '', option = '', script] = words;
  const isShell = /^(?:\/bin\/)?(?:ba)?sh$/.test(program) && /^-[a-z]*c$/.test(option);
  return isShell && script !== undefined ? script : joinWords(words);
}

/** `docker compose up api` also starts what the service depends on. */
function addDependencies(names: string[], project: Awaited<ReturnType<typeof readCompose>>): string[] {
  const all = new Set(names);
  for (const name of all)
    for (const other of project.find((one) => one.name === name)?.dependsOn ?? []) all.add(other);
  return [...all];
}

function joinWords(words: readonly string[]): string {
  return words.map((word) => (/[\s;&|]/.test(word) ? `'${word.replaceAll("'", `'\\''`)}'` : word)).join(' ');
}

/** GitHub's machines contain Postgres and MySQL, which some workflows only start. */
function readSystemService(words: readonly string[], source: string): Service[] {
  if (!/^(?:systemctl|service|\/etc\/init\.d\/.*)$/.test(words[0] ?? '')) return [];
  const name = /\b(postgresql|postgres|mysqld?|mariadb|redis(?:-server)?|mongod|mongodb)\b/.exec(
    words.join(' '),
  )?.[1];
  return name ? makeSystemService(name, source) : [];
}

function makeSystemService(name: string, source: string): Service[] {
  const image = name
    .replace(/^postgresql$/, 'postgres')
    .replace(/^mysqld$/, 'mysql')
    .replace(/-server$/, '')
    .replace(/^mongo(?:d|db)$/, 'mongo');
  // The MySQL of these machines has this password.
  const variables = image === 'mysql' ? { MYSQL_ROOT_PASSWORD: 'root' } : undefined;
  const service = makeService({ name: image, image, ...(variables && { variables }), source });
  return service ? [service] : [];
}

/** Debian's packages of servers. Their installation also starts the server. */
const serverPackages =
  /^(redis(?:-server)?|postgresql|(?:mysql|mariadb)-server|memcached)(?:-\d+(?:\.\d+)*)?$/;

/** Separates the packages of the system that start servers from the others. */
export function readServerPackages(
  packages: readonly string[],
  source: string,
): { services: Service[]; others: string[] } {
  const services = packages.flatMap((name) => {
    const server = serverPackages.exec(name)?.[1];
    return server ? makeSystemService(server, source) : [];
  });
  return { services, others: packages.filter((name) => !serverPackages.test(name)) };
}
