import { displayNames, type Environment, type Service, type Toolchain } from './environment.js';

const serviceLabels: Record<Exclude<Service['kind'], 'other'>, string> = {
  postgres: 'Postgres',
  mysql: 'MySQL',
  mariadb: 'MariaDB',
  redis: 'Redis',
  mongodb: 'MongoDB',
  memcached: 'Memcached',
  rabbitmq: 'RabbitMQ',
  elasticsearch: 'Elasticsearch',
};
/** Servers that are close to another kind, but have names and versions of their own. */
const ownLabels: Readonly<Record<string, string>> = { valkey: 'Valkey', opensearch: 'OpenSearch' };
const maxNames = 10;

/**
 * Says what was found where, one line for each kind and file.
 * @param variableSources the file of each variable
 */
export function describeFindings(
  environment: Omit<Environment, 'found' | 'unclear'>,
  variableSources: ReadonlyMap<string, string>,
): string[] {
  const { services, toolchains, variables, preparation, tests } = environment;
  const names = Object.keys(variables);
  return [
    ...groupBySource(services).map(([source, some]) => `${joinServices(some)} from ${source}`),
    ...groupBySource(toolchains).map(([source, some]) => `${join(some.map(labelToolchain))} from ${source}`),
    ...groupBySource(names.map((name) => ({ name, source: variableSources.get(name) ?? '' }))).map(
      ([source, some]) =>
        `${count(some.length, 'variable')} from ${source}: ${list(some.map(({ name }) => name))}`,
    ),
    ...describeCommands(preparation, 'command that prepares the tests', 'commands that prepare the tests'),
    ...describeCommands(tests, 'test command', 'test commands'),
  ].map(toLine);
}

/** Several servers of one version are one item of the list. */
function joinServices(services: readonly Service[]): string {
  const numbers = new Map<string, number>();
  for (const label of services.map(labelService)) numbers.set(label, (numbers.get(label) ?? 0) + 1);
  return join([...numbers].map(([label, number]) => (number > 1 ? `${number} × ${label}` : label)));
}

function labelService({ kind, image, version }: Service): string {
  const own = /(?:^|\/)(valkey|opensearch)\b/.exec(image)?.[1];
  const label = kind === 'other' ? image : (ownLabels[own ?? ''] ?? serviceLabels[kind]);
  return kind === 'other' || version === null ? label : `${label} ${version}`;
}

function labelToolchain({ name, version }: Toolchain): string {
  return `${displayNames[name]} ${version}`;
}

/** The variables before a command, whose values can have several lines. */
const exported = /^export (?:\w+=(?:'[^']*'|\\'|[^\s'])*[ \n])+/;

function describeCommands(
  commands: readonly { command: string; source: string }[],
  one: string,
  many: string,
): string[] {
  return groupBySource(commands).map(([source, some]) => {
    const texts = some.map(({ command }) => `\`${command.replace(exported, '').split('\n')[0]}\``);
    return `${count(some.length, one, many)} from ${source}: ${list(texts)}`;
  });
}

function groupBySource<Item extends { source: string }>(items: readonly Item[]): [string, Item[]][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(item.source, [...(groups.get(item.source) ?? []), item]);
  return [...groups];
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

function join(texts: readonly string[]): string {
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`;
}

function list(texts: readonly string[]): string {
  const more = texts.length - maxNames;
  return more > 0 ? `${texts.slice(0, maxNames).join(', ')} and ${more} more` : texts.join(', ');
}

/** Puts a text of a repository's files into one line. */
export function toLine(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
  return line.length > 500 ? `${line.slice(0, 500)}…` : line;
}
