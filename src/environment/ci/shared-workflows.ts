import type { Values } from '../values.js';

/*
 * Reusable workflows of other repositories, which are not read. Of some well-known ones, this file knows what
 * their tests need. The name of another one can tell which database it starts.
 */

/** Content of a workflow that is not in the repository. */
export interface SharedWorkflow {
  content: Values;
  /** Whether the content is a guess from the name. */
  isGuess: boolean;
}

type Step = Record<string, unknown>;

const run = (command: string, env?: Record<string, string>): Step => ({ run: command, ...(env && { env }) });

const expression = (text: string) => `\${{ ${text} }}`;

/** A workflow with one job. It has the inputs of the real one that say which versions to use. */
function workflow(services: Values, steps: readonly Step[], inputs: Record<string, string> = {}): Values {
  const declared = Object.entries(inputs).map(([name, value]) => [name, { default: value }]);
  return {
    on: { workflow_call: { inputs: Object.fromEntries(declared) } },
    jobs: { test: { 'runs-on': 'ubuntu-latest', services, steps } },
  };
}

/** A workflow for plugins of Fastify, which takes the versions of Node as a JSON array. */
function plugin(services: Values, preparation: readonly Step[] = [], inputs: Record<string, string> = {}) {
  const node = { uses: 'actions/setup-node@v4', with: { 'node-version': expression('matrix.node') } };
  const { on, jobs } = workflow(services, [node, run('npm install'), ...preparation, run('npm test')], {
    'node-versions': '["24"]',
    ...inputs,
  });
  const { test } = jobs as { test: Values };
  const strategy = { matrix: { node: expression('fromJson(inputs.node-versions)') } };
  return { on, jobs: { test: { ...test, strategy } } };
}

const postgres = (version: string) => ({
  postgres: {
    image: `postgres:${version}`,
    env: { POSTGRES_USER: 'postgres', POSTGRES_PASSWORD: 'postgres', POSTGRES_DB: 'postgres' },
    ports: ['5432:5432'],
  },
});
const mysql = (image: string, database: string) => ({
  mysql: {
    image,
    env: { MYSQL_ALLOW_EMPTY_PASSWORD: 'yes', MYSQL_DATABASE: database },
    ports: ['3306:3306'],
  },
});
const redis = { redis: { image: 'redis:8', ports: ['6379:6379'] } };
const mongo = { mongo: { image: 'mongo:8', ports: ['27017:27017'] } };
const elasticsearch = (version: string) => ({
  elasticsearch: { image: `elasticsearch:${version}`, ports: ['9200:9200'] },
});

const postgresUrl = 'postgres://postgres:postgres@localhost:5432/postgres';
const postgresVariables = {
  DATABASE_URL: postgresUrl,
  DATABASE_TEST_URL: postgresUrl,
  PGUSER: 'postgres',
  PGPASSWORD: 'postgres',
  PGDATABASE: 'postgres',
  PGPORT: '5432',
};
const usersTable = [
  run('chmod 600 .pgpass'),
  run(
    "PGPASSFILE=.pgpass psql -h localhost -U postgres -d postgres -c 'CREATE TABLE users(id serial PRIMARY KEY, username VARCHAR (50) NOT NULL)'",
  ),
];

/** Well-known workflows, by owner, repository and file name without its ending. */
const known: Record<string, Values> = {
  'fastify/workflows/plugins-ci': plugin({}),
  'fastify/workflows/plugins-ci-postgres': plugin(postgres('18-alpine'), usersTable),
  'fastify/workflows/plugins-ci-redis': plugin(redis),
  'fastify/workflows/plugins-ci-mysql': plugin(mysql('mysql:8.0', 'mysql')),
  'fastify/workflows/plugins-ci-mongo': plugin(mongo),
  'fastify/workflows/plugins-ci-elasticsearch': plugin(
    elasticsearch(expression('inputs.elasticsearch-version')),
    [],
    { 'elasticsearch-version': '8.15.0' },
  ),
  'voxpelli/ghatemplates/test': workflow({}, [run('npm run test-ci')]),
  'voxpelli/ghatemplates/test-pg': workflow(postgres('16'), [run('npm run test-ci', postgresVariables)]),
};

/** Databases by words in the name of a workflow. */
const byWord: [RegExp, Values][] = [
  [/postgres|(?:^|[-_])pg(?:$|[-_])/, postgres('16')],
  [/mysql|mariadb/, mysql('mysql:8', 'test')],
  [/redis|valkey/, redis],
  [/mongo/, mongo],
  [/elastic|opensearch/, elasticsearch('8.15.0')],
];

/**
 * Finds what is known of a reusable workflow of another repository.
 * @param uses such as `acme/workflows/.github/workflows/test-postgres.yml@v1`
 * @returns null if nothing is known
 */
export function findSharedWorkflow(uses: string): SharedWorkflow | null {
  const [, repository = '', name = ''] =
    /^([\w.-]+\/[\w.-]+)\/\.github\/workflows\/([\w.-]+)\.ya?ml@/.exec(uses.toLowerCase()) ?? [];
  const key = `${repository}/${name}`;
  if (Object.hasOwn(known, key)) return { content: known[key] ?? {}, isGuess: false };
  const services = byWord.flatMap(([word, service]) => (word.test(name) ? Object.entries(service) : []));
  if (services.length === 0) return null;
  return { content: workflow(Object.fromEntries(services), [run('npm test')]), isGuess: true };
}
