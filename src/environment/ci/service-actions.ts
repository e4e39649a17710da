import type { Service } from '../environment.js';
import { readImage, standardPort } from '../images.js';
import { makeService } from '../services/make-service.js';
import { asText, own, type Values } from '../values.js';

interface ServiceAction {
  image: string;
  /** The input that names the version, without `version` if the version has an input of its own name. */
  version: string[];
  port: string[];
  /** Variables of the container, each with the inputs that set it. `=x` is a value. */
  variables?: Record<string, string[]>;
  /** Arguments of the server, each with the input that sets it. */
  arguments?: Record<string, string>;
}

const postgres = (
  version: string[],
  database: string[],
  user: string[],
  password: string[],
): ServiceAction => ({
  image: 'postgres',
  version,
  port: ['postgresql port', 'postgres-port', 'port'],
  variables: { POSTGRES_DB: database, POSTGRES_USER: user, POSTGRES_PASSWORD: password },
});
const mysql = (image: 'mysql' | 'mariadb'): ServiceAction => ({
  image,
  version: [`${image} version`, 'mysql version', `${image}-version`, 'mysql-version'],
  port: ['host port'],
  variables: {
    MYSQL_DATABASE: ['mysql database', 'database', 'mysql-database'],
    MYSQL_ROOT_PASSWORD: ['mysql root password', 'root-password', 'mysql-root-password'],
    MYSQL_USER: ['mysql user', 'user'],
    MYSQL_PASSWORD: ['mysql password', 'password'],
  },
});

/** Actions that start a server, by their names without the version. */
const actions: [RegExp, ServiceAction][] = [
  [
    /^(?:supercharge|mongocamp)\/mongodb-github-action$/,
    {
      image: 'mongo',
      version: ['mongodb-version'],
      port: ['mongodb-port'],
      variables: {
        MONGO_INITDB_ROOT_USERNAME: ['mongodb-username'],
        MONGO_INITDB_ROOT_PASSWORD: ['mongodb-password'],
        MONGO_INITDB_DATABASE: ['mongodb-db'],
      },
      arguments: { '--replSet': 'mongodb-replica-set' },
    },
  ],
  [
    /^(?:ankane\/setup-mongodb|art049\/.*mongo.*)$/,
    { image: 'mongo', version: ['mongodb-version'], port: [] },
  ],
  [
    /^(?:supercharge\/redis-github-action|zhulik\/redis-action|getong\/redis-action|shogo82148\/actions-setup-redis)$/,
    {
      image: 'redis',
      version: ['redis-version', 'redis version'],
      port: ['redis-port', 'host port'],
      arguments: { '--requirepass': 'redis-password' },
    },
  ],
  [
    /^(?:ankane\/setup-postgres|tj-actions\/install-postgresql)$/,
    {
      ...postgres(['postgres-version', 'postgresql-version'], ['database'], ['user'], []),
      variables: {
        POSTGRES_DB: ['database'],
        POSTGRES_USER: ['user'],
        POSTGRES_HOST_AUTH_METHOD: ['=trust'],
      },
    },
  ],
  [
    /^(?:harmon758\/postgresql-action|huaxk\/postgis-action|cobry\/.*postgres.*)$/,
    postgres(['postgresql version'], ['postgresql db'], ['postgresql user'], ['postgresql password']),
  ],
  [
    /^ikalnytskyi\/action-setup-postgres$/,
    postgres(
      ['postgres-version'],
      ['database', '=postgres'],
      ['username', '=postgres'],
      ['password', '=postgres'],
    ),
  ],
  [/^(?:getong|ankane)\/(?:mariadb-action|setup-mariadb)$/, mysql('mariadb')],
  [
    /^(?:mirromutth|samin|getong|ankane|shogo82148)\/(?:mysql-action|setup-mysql|actions-setup-mysql)$/,
    mysql('mysql'),
  ],
  [
    /^(?:ankane\/setup-elasticsearch|getong\/elasticsearch-action|elastic\/elastic-github-actions\/elasticsearch)$/,
    {
      image: 'elasticsearch',
      version: ['elasticsearch-version', 'elasticsearch version', 'stack-version'],
      port: [],
    },
  ],
  [
    /^(?:ankane\/setup-opensearch|opensearch-project\/.*)$/,
    { image: 'opensearchproject/opensearch', version: ['opensearch-version'], port: [] },
  ],
  [/^getong\/rabbitmq-action$/, { image: 'rabbitmq', version: ['rabbitmq version'], port: ['host port'] }],
  [/^niden\/actions-memcached$/, { image: 'memcached', version: [], port: [] }],
  [/^rrainn\/dynamodb-action$/, { image: 'amazon/dynamodb-local', version: [], port: ['port', '=8000'] }],
  [
    /^(?:supercharge\/minio-action|infleet\/minio-action|comfuture\/minio-action)$/,
    { image: 'minio/minio', version: [], port: ['port', '=9000'] },
  ],
];

/**
 * Reads a step that starts a server with a well-known action.
 * @param inputs the step's `with`, with its expressions replaced
 * @returns null if the action starts no server
 */
export function readServiceAction(uses: string, inputs: Values, source: string): Service | null {
  const [action = ''] = uses.toLowerCase().split('@');
  const found = actions.find(([pattern]) => pattern.test(action))?.[1];
  if (!found) return null;
  const read = (names: readonly string[]) => {
    const values = names.map((name) => (name.startsWith('=') ? name.slice(1) : asText(own(inputs, name))));
    return values.find((value) => value)?.trim();
  };
  // shogo82148/actions-setup-mysql starts MariaDB for a version such as `mariadb-11.4`.
  const version = read(found.version)?.split('\n')[0];
  const isMariadb = version?.startsWith('mariadb-') ?? false;
  const image = isMariadb ? 'mariadb' : found.image;
  const port = read(found.port);
  const variables = Object.entries(found.variables ?? {}).flatMap(([name, names]) => {
    const value = read(names);
    return value ? [[name, value] as const] : [];
  });
  const flags = Object.entries(found.arguments ?? {}).flatMap(([flag, input]) => {
    const value = read([input]);
    return value ? [flag, value] : [];
  });
  const tag = version && version !== 'latest' ? `:${version.replace('mariadb-', '')}` : '';
  return makeService({
    name: image.split('/').at(-1) ?? image,
    image: image + tag,
    ports: port ? [`${port}:${standardPort(readImage(image).kind) ?? port}`] : [],
    variables: Object.fromEntries(variables),
    command: flags,
    source,
  });
}
