import { expect, test } from '@jest/globals';
import { readImage } from '../../src/environment/images.js';

test.each([
  ['postgres', 'postgres', null],
  ['postgres:16-alpine', 'postgres', '16'],
  ['postgres:latest', 'postgres', null],
  ['docker.io/library/postgres:15.4', 'postgres', '15.4'],
  ['public.ecr.aws/docker/library/postgres:14@sha256:abc', 'postgres', '14'],
  ['mirror.gcr.io/library/postgres:17', 'postgres', '17'],
  ['localhost:5000/postgres:12', 'postgres', '12'],
  ['postgis/postgis:16-3.4', 'postgres', '16'],
  ['pgvector/pgvector:pg17', 'postgres', '17'],
  ['pgvector/pgvector:0.8.0-pg16', 'postgres', '16'],
  ['ankane/pgvector:v0.5.1', 'postgres', null],
  ['timescale/timescaledb:2.14.2-pg15', 'postgres', '15'],
  ['timescale/timescaledb:latest-pg14', 'postgres', '14'],
  ['supabase/postgres:15.1.0.147', 'postgres', '15.1.0'],
  ['bitnami/postgresql:16-debian-12', 'postgres', '16'],
  ['mysql:8.0', 'mysql', '8.0'],
  ['mysql/mysql-server:8.0.32', 'mysql', '8.0.32'],
  ['percona:8', 'mysql', '8'],
  ['mariadb:10.11', 'mariadb', '10.11'],
  ['bitnami/mariadb:11.4.2', 'mariadb', '11.4.2'],
  ['redis:7-alpine', 'redis', '7'],
  ['redis/redis-stack-server:7.2.0-v9', 'redis', '7.2.0'],
  ['valkey/valkey:8', 'redis', '8'],
  ['docker.dragonflydb.io/dragonflydb/dragonfly:v1.20', 'redis', null],
  ['mongo:7.0', 'mongodb', '7.0'],
  ['mongodb/mongodb-community-server:7.0-ubi8', 'mongodb', '7.0'],
  ['memcached:1.6-alpine', 'memcached', '1.6'],
  ['rabbitmq:3.13-management', 'rabbitmq', '3.13'],
  ['docker.elastic.co/elasticsearch/elasticsearch:8.11.1', 'elasticsearch', '8.11.1'],
  ['opensearchproject/opensearch:2', 'elasticsearch', '2'],
  ['prometheuscommunity/postgres-exporter', 'other', null],
  ['grokzen/redis-cluster:7.0', 'other', '7.0'],
  ['mailhog/mailhog', 'other', null],
  ['', 'other', null],
])('%s is %s %s', (image, kind, version) => {
  expect(readImage(image)).toMatchObject({ kind, version, isForPeople: false });
});

test.each([
  'adminer',
  'dpage/pgadmin4:8',
  'mongo-express:1',
  'rediscommander/redis-commander',
  'phpmyadmin/phpmyadmin',
])('%s is for people', (image) => {
  expect(readImage(image).isForPeople).toBe(true);
});
