import type { TestRun } from './evidence.js';

/** Servers that usually listen on these ports, with an image that a repository's settings can name. */
const servers: Readonly<Record<string, { name: string; image: string; images: RegExp }>> = {
  5432: { name: 'Postgres', image: 'postgres:16', images: /postg|pgvector|timescale/ },
  3306: { name: 'MySQL', image: 'mysql:8', images: /mysql|mariadb|percona/ },
  6379: { name: 'Redis', image: 'redis:7', images: /redis|valkey|keydb|dragonfly/ },
  27017: { name: 'MongoDB', image: 'mongo:7', images: /mongo/ },
  11211: { name: 'Memcached', image: 'memcached:1', images: /memcached/ },
  5672: { name: 'RabbitMQ', image: 'rabbitmq:3', images: /rabbitmq/ },
  9200: { name: 'Elasticsearch', image: 'elasticsearch:8.15.0', images: /elasticsearch|opensearch/ },
};

const refused = [
  /ECONNREFUSED (?:127\.0\.0\.1|::1|localhost):(\d+)/g,
  /(?:localhost|127\.0\.0\.1|::1)"?\)?[,:]? port (\d+) failed: Connection refused/g,
  /dial tcp (?:127\.0\.0\.1|\[::1\]):(\d+): connect: connection refused/g,
  /(?:localhost|127\.0\.0\.1):(\d+)[^\n]{0,80}[Cc]onnection refused/g,
  /[Cc]onnection refused[^\n]{0,80}(?:localhost|127\.0\.0\.1):(\d+)/g,
];

const unresolved = [
  /getaddrinfo (?:ENOTFOUND|EAI_AGAIN) ([A-Za-z0-9][\w.-]*)/g,
  /[Cc]ould not resolve host:? ([A-Za-z0-9][\w.-]*)/g,
  /could not translate host name "([A-Za-z0-9][\w.-]*)"/g,
  /dial tcp: lookup ([A-Za-z0-9][\w.-]*)/g,
  /unable to resolve host address ['‘]([A-Za-z0-9][\w.-]*)/g,
  /UnknownHostException: ([A-Za-z0-9][\w.-]*)/g,
  /Failed to open TCP connection to ([A-Za-z0-9][\w.-]*):\d+ \(getaddrinfo/g,
  /host='([A-Za-z0-9][\w.-]*)', port=\d+\)[^\n]{0,200}(?:[Nn]ame or service not known|name resolution)/g,
  /(?:Name or service not known|name resolution) \(([A-Za-z0-9][\w.-]*):\d+\)/g,
];
const needsDocker =
  /Could not find a working container runtime strategy|Could not find a valid Docker environment|Cannot connect to the Docker daemon|connect ENOENT \/var\/run\/docker\.sock|docker(?:-compose)?: (?:command )?not found|spawn(?:Sync)? docker(?:-compose)? ENOENT|ENOENT: docker(?:-compose)? /;
/** Tests use such names to see what happens if a host does not exist. */
const pretended =
  /(?:^|\.)(?:invalid|example|test|local|localhost|example\.(?:com|org|net))$|not-?exist|nowhere|unknown|foo|bar/i;
const maxHosts = 5;

function readFailures({ cases, outputTail, suites = [] }: TestRun): string[] {
  return [
    outputTail,
    // The whole run has the end of the output of one command only.
    ...suites.flatMap((suite) => (suite.exitCode === 0 ? [] : suite.outputTail)),
    ...cases.flatMap(({ outcome, message }) => (outcome === 'failed' ? (message ?? []) : [])),
  ];
}

function findAll(patterns: readonly RegExp[], run: TestRun): Set<string> {
  return new Set(
    readFailures(run).flatMap((text) =>
      patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, found = '']) => found)),
    ),
  );
}

/** Finds servers that tests tried to reach on this machine although nothing listened there. */
function findRefusedServers(run: TestRun): (typeof servers)[string][] {
  const ports = findAll(refused, run);
  return Object.entries(servers).flatMap(([port, server]) => (ports.has(port) ? [server] : []));
}

/** Finds names of hosts that tests tried to reach, and that do not exist in the sandbox. */
function findUnresolvedHosts(run: TestRun): string[] {
  const hosts = [...findAll(unresolved, run)].map((host) => host.replace(/[.-]+$/, ''));
  return [...new Set(hosts)].filter((host) => !pretended.test(host)).slice(0, maxHosts);
}

/**
 * Says which servers the tests tried to reach, and how the repository can ask for them.
 * @param missing sentences on what the repository asks for and the machine lacks
 */
export function describeUnreachable(run: TestRun, missing: readonly string[] = []): string | null {
  const hosts = findUnresolvedHosts(run);
  const inNetwork = hosts.filter((host) => host.includes('.'));
  const services = hosts.filter((host) => !host.includes('.'));
  const sentences = [
    describeRefusedServers(run, missing),
    inNetwork.length > 0 && `The tests tried to reach ${inNetwork.join(' and ')}, but tests have no network.`,
    services.length > 0 &&
      `The tests tried to reach ${services.join(' and ')}, but no service has this name.`,
    readFailures(run).some((text) => needsDocker.test(text)) &&
      'The tests start containers, but they have no Docker.',
  ].filter(Boolean);
  return sentences.length > 0 ? sentences.join(' ') : null;
}

function describeRefusedServers(run: TestRun, missing: readonly string[]): string | null {
  const found = findRefusedServers(run);
  if (found.length === 0) return null;
  const names = found.map(({ name }) => name).join(' and ');
  const sentence = `The tests tried to reach ${names} on localhost, and nothing listened there.`;
  // The repository asks for the others already.
  const asked = missing.flatMap((one) => /^The service (.*?\)) is not available: /.exec(one)?.[1] ?? []);
  const unasked = found.filter(({ images: known }) => !asked.some((one) => known.test(one)));
  if (unasked.length === 0)
    return `${sentence} The repository asks for it, but this machine does not have it.`;
  const images = unasked.map(({ image }) => image).join(', ');
  return `${sentence} Set \`services: [${images}]\` in .github/pullwright.yml.`;
}
