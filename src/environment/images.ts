import type { Service } from './environment.js';

export interface Image {
  kind: Service['kind'];
  /** The version that the tag names, such as `16` or `7.2`; null if it names none. */
  version: string | null;
  /** Whether it only shows a database to people, such as adminer. */
  isForPeople: boolean;
  /** The last part of the name, such as `postgres`. */
  base: string;
}

/** Of several databases for the same tests, the most common one comes first. 0 stands for no known server. */
export const preference: Record<Service['kind'], number> = {
  postgres: 6,
  mysql: 4,
  mariadb: 3,
  redis: 3,
  mongodb: 2,
  memcached: 1,
  rabbitmq: 1,
  elasticsearch: 1,
  other: 0,
};

/** Matches names without registry, such as `postgis/postgis`. The first match decides. */
const kinds: [RegExp, Service['kind']][] = [
  [/exporter|operator|backup|pgbouncer|pgpool|sentinel|cluster|-ui$|dashboards?$/, 'other'],
  [/^(?:[\w.-]+\/)*postgres(?:ql)?(?:-?\d[\w.-]*)?$/, 'postgres'],
  [/^(?:.*\/)?(?:postgis|pgvector|pgvecto-rs|timescaledb(?:-ha|-postgis)?|paradedb|citus)$/, 'postgres'],
  [/^(?:.*\/)?(?:vchord-postgres|alloydbomni|postgres-[\w.-]+)$/, 'postgres'],
  [/^(?:.*\/)?(?:percona-server-mongodb|mongodb-atlas-local|mongo(?:db(?:-community-server)?)?)$/, 'mongodb'],
  [/^(?:.*\/)?(?:mysql(?:-server)?|percona(?:-server)?|percona-xtradb)$/, 'mysql'],
  [/^(?:.*\/)?mariadb$/, 'mariadb'],
  [
    /^(?:.*\/)?(?:redis|redis-stack(?:-server)?|valkey(?:-bundle)?|keydb|dragonfly|client-libs-test)$/,
    'redis',
  ],
  [/^(?:.*\/)?memcached$/, 'memcached'],
  [/^(?:.*\/)?rabbitmq$/, 'rabbitmq'],
  [/^(?:.*\/)?(?:elasticsearch(?:-oss)?|opensearch)$/, 'elasticsearch'],
];

const forPeople =
  /^(?:adminer|pgadmin4?|phpmyadmin|mongo-express|redis-commander|redisinsight|pgweb|dbgate|kibana|cloudbeaver|kafka-ui|portainer(?:-ce)?|dozzle|opensearch-dashboards)$/;

/** Programs that speak a database's protocol, but have versions of their own. */
const ownVersions = /^(?:keydb|dragonfly|paradedb|citus|pgvecto-rs|percona-xtradb|alloydbomni)$/;

/** Reads the name and the tag of a container image, such as `docker.io/library/postgres:16-alpine`. */
export function readImage(image: string): Image {
  const [named = ''] = image.trim().split('@');
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  const tag = colon < 0 ? '' : named.slice(colon + 1);
  const parts = (colon < 0 ? named : named.slice(0, colon)).toLowerCase().split('/');
  // The first part is a registry if it looks like a host.
  if (parts.length > 1 && /[.:]|^localhost$/.test(parts[0] ?? '')) parts.shift();
  const name = parts.join('/').replace(/^(?:[\w.-]+\/)*library\//, '');
  const base = parts.at(-1) ?? '';
  const isForPeople = forPeople.test(base);
  const kind = isForPeople ? 'other' : (kinds.find(([pattern]) => pattern.test(name))?.[1] ?? 'other');
  return { kind, version: readVersion(base, tag), isForPeople, base };
}

function readVersion(base: string, tag: string): string | null {
  // Images of extensions name the version of Postgres after `pg`, such as `0.8.0-pg17`.
  const postgres = /(?:^|[-_.])pg(\d+(?:\.\d+)?)/.exec(tag)?.[1];
  if (postgres) return postgres;
  if (ownVersions.test(base) || /^(?:pgvector|timescaledb)/.test(base)) return null;
  return /^v?(\d+(?:\.\d+){0,2})/.exec(tag)?.[1] ?? null;
}

/** The port that a server of this kind listens on; null for an unknown kind. */
export function standardPort(kind: Service['kind']): number | null {
  const ports: Record<Service['kind'], number | null> = {
    postgres: 5432,
    mysql: 3306,
    mariadb: 3306,
    redis: 6379,
    mongodb: 27017,
    memcached: 11211,
    rabbitmq: 5672,
    elasticsearch: 9200,
    other: null,
  };
  return ports[kind];
}
