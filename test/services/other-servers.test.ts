import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Service } from '../../src/environment/environment.js';
import { useServices } from './use-services.js';

const services = useServices();
const installed = new Set<string>();
beforeAll(async () => {
  for (const name of ['redis-server', 'redis-cli', 'mariadbd', 'mariadb', 'memcached'])
    if (await services.hasProgram(name)) installed.add(name);
});

/** Runs a test only on a machine with these programs. Otherwise, says which one is missing. */
function testWith(programs: string[], name: string, body: () => Promise<void>) {
  test(name, async () => {
    const missing = programs.filter((program) => !installed.has(program));
    if (missing.length > 0)
      console.warn(`not tested, because ${missing.join(', ')} is not installed: ${name}`);
    else await body();
  });
}

const service = (kind: Service['kind'], image: string, more: Partial<Service> = {}): Service => ({
  ...{ name: kind, kind, image, version: /:([\d.]+)/.exec(image)?.[1] ?? null, source: 'compose.yaml' },
  ...{ hosts: [kind], ports: [], variables: {}, arguments: [] },
  ...more,
});

describe('Redis', () => {
  testWith(['redis-server', 'redis-cli'], 'keeps its data, and asks for the password', async () => {
    const words = ['redis-server', '--requirepass', "p'w", '--loadmodule', '/x.so', '--appendonly', 'yes'];
    const opened = await services.open([service('redis', 'redis:7', { arguments: words })]);
    expect(opened.provided[0]).toMatch(
      /^Redis [\d.]+ as the service redis\..*without these options: --loadmodule\./,
    );
    const { run } = opened;
    expect((await run('redis-cli -h redis get a')).output).toMatch(/NOAUTH/);
    expect((await run(`REDISCLI_AUTH="p'w" redis-cli -h redis set a 1`)).output).toBe('OK\n');
    expect((await run(`REDISCLI_AUTH="p'w" redis-cli -h redis get a`)).output).toBe('1\n');
  });

  testWith(['redis-server'], 'is one server where a cluster is asked for, and says so', async () => {
    const more = { variables: { REDIS_CLUSTER: 'yes' } };
    const { missing } = await services.open([service('redis', 'redislabs/client-libs-test:8.2', more)]);
    expect(missing).toEqual([
      'The service redis asks for a cluster, which is not available. It is one server.',
    ]);
  });

  testWith(['redis-server', 'redis-cli'], 'loses at most the data of a killed command', async () => {
    const { run } = await services.open([service('redis', 'redis:6')]);
    await run('redis-cli set a 1');
    await run('redis-cli set b 2; kill -9 -1');
    expect((await run('redis-cli get a; echo end')).output).toBe('1\nend\n');
  });
});

describe('MariaDB', () => {
  testWith(['mariadbd', 'mariadb'], 'is found by clients that look for its socket', async () => {
    const variables = { MYSQL_ROOT_PASSWORD: 'root' };
    const { run } = await services.open([service('mysql', 'mysql:8', { variables })]);
    expect((await run("mariadb -uroot -proot -Ne 'select 1'")).output).toBe('1\n');
    expect((await run('[ -S /var/run/mysqld/mysqld.sock ] && echo found')).output).toBe('found\n');
  });
  testWith(['mariadbd', 'mariadb'], 'stands in for MySQL, with its accounts and its mode', async () => {
    const variables = {
      ...{ MYSQL_ROOT_PASSWORD: `r'o"o\\t`, MYSQL_DATABASE: 'my_app' },
      ...{ MYSQL_USER: 'app', MYSQL_PASSWORD: 'secret' },
    };
    const words = ['--default-authentication-plugin=mysql_native_password', '--max-connections=77'];
    const more = { variables, arguments: words, ports: [3306, 3307] };
    const { run, provided } = await services.open([service('mysql', 'mysql:8.0', more)]);
    expect(provided[0]).toMatch(
      /^MariaDB [\d.]+ as the service mysql\. It stands in for MySQL 8\.0\..*default-auth/,
    );
    const client = 'mariadb --skip-column-names --batch -h mysql';
    const select = `-e 'select current_user(), @@max_connections, @@sql_mode like "%ONLY_FULL%"'`;
    expect((await run(`${client} -P 3307 -u app -psecret my_app ${select}`)).output).toBe('app@%\t77\t1\n');
    expect((await run(`${client} -u root '-pr'\\''o"o\\t' ${select}`)).output).toBe('root@%\t77\t1\n');
    for (const wrong of ['-u app', '-u root', '-u root -pwrong', '-u ""'])
      expect((await run(`${client} ${wrong} ${select}`)).output).toMatch(/Access denied/);
    await run(
      `${client} -u app -psecret my_app -e 'create table t (x int); insert into t values (5)'; kill -9 -1`,
    );
    expect((await run(`${client} -u app -psecret my_app -e 'select x from t'`)).output).toBe('5\n');
  });
});

describe('Memcached', () => {
  testWith(['memcached'], 'answers', async () => {
    const { run } = await services.open([service('memcached', 'memcached:1.6')]);
    const ask = 'exec 3<>/dev/tcp/memcached/11211; printf "version\\r\\nquit\\r\\n" >&3; cat <&3';
    expect((await run(ask)).output).toMatch(/^VERSION/);
  });
});

test('a service that the machine does not have is named, with what the operator can do', async () => {
  const asked = [
    service('mongodb', 'mongo:7'),
    service('rabbitmq', 'rabbitmq:3'),
    service('redis', 'redis:7'),
  ];
  const { missing, run } = await services.open(asked, { hides: /^program\t/ });
  expect(missing).toEqual([
    expect.stringMatching(/^The service mongodb \(mongo:7, from compose.yaml\) .* mongodb-org-server/),
    expect.stringMatching(/^The service rabbitmq \(rabbitmq:3, from compose.yaml\) is not available: /),
    expect.stringMatching(/^The service redis .* redis-server on the server/),
  ]);
  expect((await run('echo runs')).output).toBe('runs\n');
});
