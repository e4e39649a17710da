import type { TestRun } from './evidence.js';

/** Servers that usually listen on these ports, with an image that a repository's settings can name. */
const servers: Readonly<Record<string, { name: string; image: string }>> = {
  5432: { name: 'Postgres', image: 'postgres:16' },
  3306: { name: 'MySQL', image: 'mysql:8' },
  6379: { name: 'Redis', image: 'redis:7' },
  27017: { name: 'MongoDB', image: 'mongo:7' },
  11211: { name: 'Memcached', image: 'memcached:1' },
  5672: { name: 'RabbitMQ', image: 'rabbitmq:3' },
  9200: { name: 'Elasticsearch', image: 'elasticsearch:8.15.0' },
};

const refused = [
  /ECONNREFUSED (?:127\.0\.0\.1|::1|localhost):(\d+)/g,
  /(?:localhost|127\.0\.0\.1|::1)"?\)?[,:]? port (\d+) failed: Connection refused/g,
  /dial tcp (?:127\.0\.0\.1|\[::1\]):(\d+): connect: connection refused/g,
  /(?:localhost|127\.0\.0\.1):(\d+)[^\n]{0,80}[Cc]onnection refused/g,
  /[Cc]onnection refused[^\n]{0,80}(?:localhost|127\.0\.0\.1):(\d+)/g,
];

/** Finds servers that tests tried to reach on this machine although nothing listened there. */
export function findRefusedServers({ cases, outputTail }: TestRun): { name: string; image: string }[] {
  const texts = [
    outputTail,
    ...cases.flatMap(({ outcome, message }) => (outcome === 'failed' ? (message ?? []) : [])),
  ];
  const ports = new Set(
    texts.flatMap((text) =>
      refused.flatMap((pattern) => [...text.matchAll(pattern)].map(([, port = '']) => port)),
    ),
  );
  return Object.entries(servers).flatMap(([port, server]) => (ports.has(port) ? [server] : []));
}

/** Says which servers the tests tried to reach, and how the repository can ask for them. */
export function describeRefusedServers(run: TestRun): string | null {
  const found = findRefusedServers(run);
  if (found.length === 0) return null;
  const names = found.map(({ name }) => name).join(' and ');
  const images = found.map(({ image }) => image).join(', ');
  return `The tests tried to reach ${names} on localhost, and nothing listened there. Set \`services: [${images}]\` in .github/pullwright.yml.`;
}
