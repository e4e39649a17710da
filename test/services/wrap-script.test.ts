import { expect, test } from '@jest/globals';
import { postgres, sql, useServices } from './use-services.js';

const services = useServices();
const onlyOwn = { hides: /^(?:postgres|extension|library)\t/ };
const url = 'postgres://postgres:secret@localhost/postgres';

test('a script behaves as without services', async () => {
  const { run, runAlone } = await services.open([postgres()], onlyOwn);
  const scripts = [
    'echo "$# $1 $2"; echo error >&2; exit 3',
    'set -eu; trap "echo trapped" EXIT; false; echo never',
    'cat; ls /proc/self/fd | wc -l',
    'sleep 1000 & echo "$0"; exit 125',
    'kill -TERM $$',
    'trap "kill 0" EXIT; echo started; sleep 1000 & exit 1',
    'nosuch-command',
    'env | grep -v ^SHLVL= | sort; pwd; umask; ulimit -a; jobs; set -o | grep errexit',
    `echo ${'long '.repeat(40_000)} | wc -c; echo "$2"; exit 4`,
    'trap "echo got term" TERM; kill -TERM $$; exit 5',
    'exec 9>&1; exec bash -c "echo replaced; exit 6"',
  ];
  for (const script of scripts) {
    const more = { args: ['a b', "c'd"], stdin: 'typed\n' };
    const { exitCode, stdout, stderr } = await run(script, more);
    // The second sandbox is another one, so that its script runs alone.
    const alone = await services.open([]);
    const expected = await alone.run(script, more);
    expect({ script: script.slice(0, 50), exitCode, stdout, stderr }).toEqual({
      ...{ script: script.slice(0, 50), exitCode: expected.exitCode },
      ...{ stdout: expected.stdout, stderr: expected.stderr },
    });
  }
  expect((await runAlone('ps ax')).output).not.toMatch(/postgres/);
});

test('data live on from command to command, also after a kill', async () => {
  const { run } = await services.open([postgres()], onlyOwn);
  await run(sql(url, 'create table t (x int); insert into t values (1)'));
  const killed = await run(`${sql(url, 'insert into t values (2)')}; sleep 1000`, { timeoutMs: 3000 });
  expect(killed.ended).toBe('timeout');
  expect((await run(`${sql(url, 'insert into t values (3)')}; kill -9 -1`)).exitCode).toBe(137);
  const { output } = await run(`kill -9 $(pgrep -o postgres); ${sql(url, 'select 1')}; echo after`);
  expect(output).toMatch(/^error: .*\nafter\n$/s);
  const { stdout, stderr } = await run(sql(url, 'select sum(x)::int as sum from t'));
  expect({ stdout, stderr }).toEqual({ stdout: '[{"sum":6}]\n', stderr: '' });
});

test('two commands at the same time wait for each other', async () => {
  const { run } = await services.open([postgres()], onlyOwn);
  await run(sql(url, 'create table t (x int)'));
  const statement = 'insert into t select count(*) from t returning x';
  const both = await Promise.all([1, 2].map(() => run(`${sql(url, statement)}; sleep 0.5`)));
  expect(both.map(({ output }) => output).sort()).toEqual(['[{"x":0}]\n', '[{"x":1}]\n']);
});

test('a service whose data are broken starts again without them, and says so', async () => {
  const { run, runAlone } = await services.open([postgres()], onlyOwn);
  await run(sql(url, 'create table t (x int)'));
  await runAlone('rm -rf /services/postgres/data/global; echo x > /services/postgres/data/postmaster.pid');
  const { stdout, stderr, exitCode } = await run(
    sql(url, 'select count(*)::int as n from pg_tables where tablename = $$t$$'),
  );
  expect({ stdout, exitCode }).toEqual({ stdout: '[{"n":0}]\n', exitCode: 0 });
  expect(stderr).toBe('services: postgres does not start with its data, so it starts without them\n');
});

test('a service whose folder is no folder any more starts again, too', async () => {
  const { run, runAlone } = await services.open([postgres()], onlyOwn);
  await run('true');
  await runAlone(
    'mv /services/postgres /services/old; ln -s /workspace /services/postgres; touch /workspace/initialized',
  );
  expect((await run('ls -d /services/postgres/data')).stdout).toBe('/services/postgres/data\n');
  await runAlone('chmod 000 /services/postgres /services/postgres/* /services');
  expect((await run('echo fine')).stdout).toBe('fine\n');
});

test('a service that does not start is named, with the end of its log', async () => {
  const { run } = await services.open([postgres({ arguments: ['-c', 'nosuch_setting=1'] })], onlyOwn);
  const { exitCode, stdout, stderr } = await run('echo never');
  expect({ exitCode, stdout }).toEqual({ exitCode: 125, stdout: '' });
  expect(stderr).toMatch(/^services: postgres did not start: PostgreSQL 18\.\d+: .*nosuch_setting.*\n$/);
});

test('a hostile name of a service is a plain folder', async () => {
  const names = ['../x', '$(touch /workspace/pwned)', "a b'; exit 7 #", ''];
  const hostile = names.map((name, index) => postgres({ name, hosts: [name], ports: [5432 + index] }));
  const { run, runAlone } = await services.open(hostile, onlyOwn);
  const { output, exitCode } = await run('ls -A /services');
  expect({ output, exitCode }).toEqual({
    output: 'a-b-exit-7\npostgres\ntouch-workspace-pwned\nx\n',
    exitCode: 0,
  });
  expect((await runAlone('ls -A /workspace; cat /etc/hosts')).output).toBe(
    '127.0.0.1 localhost sandbox\n::1 localhost\n',
  );
});

test('a script that prints without end is stopped as without services', async () => {
  const { run } = await services.open([postgres()], onlyOwn);
  await run('true');
  expect((await run('yes', { maxOutputBytes: 100_000 })).ended).toBe('output-limit');
  expect((await run('echo fine')).output).toBe('fine\n');
});

test('many errors do not fill the log of the server', async () => {
  const { run } = await services.open([postgres()], onlyOwn);
  const statement =
    'do $$ begin for i in 1..20000 loop raise warning $x$%$x$, repeat($y$x$y$, 1000); end loop; end $$';
  const { output } = await run(`${sql(url, statement)}; du -k /services/postgres/log | cut -f1`);
  expect(Number(output.trim().split('\n').at(-1))).toBeLessThan(100);
});

test('a command of a sandbox over its disk quota runs without services, so that it can delete files', async () => {
  const { wrap, runAlone } = await services.open([postgres()], onlyOwn);
  const { exitCode, output } = await runAlone(`ulimit -f 0; ${wrap('echo "$HOME"')}`);
  expect({ exitCode, output }).toEqual({
    exitCode: 0,
    output: 'services: not started, because the disk quota is exceeded\n/home/agent\n',
  });
});
