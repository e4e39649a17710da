import { expect, test } from '@jest/globals';
import { placeServices } from '../../src/services/place-services.js';
import { postgres } from './use-services.js';

test('a service has the default port, and names that cannot hide others', () => {
  const hosts = ['DB', 'localhost', 'sandbox', 'a b', '127.0.0.1 evil\n', 'constructor', ''];
  const { placed, hosts: named, forwards } = placeServices([postgres({ ports: [], hosts })]);
  expect(placed).toEqual([expect.objectContaining({ name: 'postgres', address: '127.0.0.1', port: 5432 })]);
  expect({ named, forwards }).toEqual({ named: { db: '127.0.0.1', constructor: '127.0.0.1' }, forwards: [] });
});

test('the service without a port of its own on localhost leaves the common port to the other one', () => {
  const mapped = postgres({ name: 'db-test', hosts: ['db-test'], ports: [5432, 5433] });
  const { placed, hosts, forwards } = placeServices([mapped, postgres({ hosts: ['db'] })]);
  expect(placed.map(({ address, port }) => `${address}:${port}`)).toEqual([
    '127.0.0.2:5432',
    '127.0.0.1:5432',
  ]);
  expect(hosts).toEqual({ 'db-test': '127.0.0.2', db: '127.0.0.1' });
  const to = { toAddress: '127.0.0.2', toPort: 5432 };
  expect(forwards).toEqual([
    { address: '127.0.0.1', port: 5433, ...to },
    { address: '127.0.0.2', port: 5433, ...to },
  ]);
});

test('ports that no program in a sandbox can use are left out', () => {
  const { placed, forwards } = placeServices([postgres({ ports: [80, 70_000, 1.5, 5999] })]);
  expect({ port: placed[0]?.port, forwards }).toEqual({ port: 5999, forwards: [] });
});

test('names are unique', () => {
  const { placed } = placeServices(['db', 'DB', 'd b', '-', '..'].map((name) => postgres({ name })));
  expect(placed.map(({ name }) => name)).toEqual(['db', 'db-2', 'd-b', 'postgres', 'postgres-2']);
});
