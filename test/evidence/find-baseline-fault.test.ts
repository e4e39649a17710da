import { describe, expect, test } from '@jest/globals';
import { findBaselineFault } from '../../src/evidence/find-baseline-fault.js';
import { testRun } from './test-run.js';

const many = (count: number, outcome: 'passed' | 'failed', file = 'a.test.js') =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`${file} › ${outcome} ${at}`, outcome]));

describe('the base commit', () => {
  test.each([
    ['has no fault if its tests pass', testRun(many(3, 'passed'))],
    ['has no fault if a few tests fail', testRun({ ...many(3, 'passed'), ...many(2, 'failed') })],
    ['has no fault if the exit code is the only result, and is 0', testRun({}, { exitCode: 0 })],
  ])('%s', (_, before) => {
    expect(findBaselineFault(before)).toBeNull();
  });

  test.each([
    [
      'most tests fail',
      testRun({ ...many(1, 'passed'), ...many(2641, 'failed') }),
      { isWrecked: true, text: expect.stringContaining('1 of 2642 tests passed') },
    ],
    [
      'no file loads',
      testRun({ 'a.test.js': 'failed', 'b.test.js': 'failed' }),
      { isWrecked: true, text: expect.stringContaining('2 test files did not load') },
    ],
    [
      'a file does not load',
      testRun({ ...many(9, 'passed'), 'b.test.js': 'failed' }),
      { isWrecked: false, text: expect.stringContaining('1 test file does not load') },
    ],
    [
      'the command fails although every test passes',
      testRun(many(1661, 'passed'), { exitCode: 1, outputTail: 'mocha died\n' }),
      { isWrecked: false, text: expect.stringContaining('ends with exit code 1'), output: 'mocha died' },
    ],
    [
      'the command fails without results',
      testRun({}, { exitCode: 2 }),
      { isWrecked: false, text: expect.stringContaining('fails on the base commit (exit code 2)') },
    ],
    [
      'the command does not finish',
      testRun({}, { exitCode: null, ended: 'memory-limit' }),
      { isWrecked: true, text: expect.stringContaining('did not finish on the base commit') },
    ],
  ])('has a fault if %s', (_, before, fault) => {
    expect(findBaselineFault(before)).toMatchObject(fault);
  });

  test.each([
    ['getaddrinfo ENOTFOUND binaries.acme.dev', 'reach binaries.acme.dev, but tests have no network'],
    ['getaddrinfo EAI_AGAIN db', 'reach db, but no service has this name'],
    ['could not translate host name "pg" to address', 'reach pg, but no service has this name'],
    [
      "HTTPSConnectionPool(host='pypi.org', port=443): Max retries exceeded with url: /simple/ (Caused by [Errno -3] Temporary failure in name resolution)",
      'reach pypi.org, but',
    ],
    [
      'Caused by: java.net.UnknownHostException: repo.maven.apache.org: unknown',
      'reach repo.maven.apache.org, but',
    ],
    ['wget: unable to resolve host address ‘acme.dev’', 'reach acme.dev, but'],
    [
      'Failed to open TCP connection to rubygems.org:443 (getaddrinfo: Name or service',
      'reach rubygems.org, but',
    ],
    ['The SSL connection failed: Name or service not known (api.nuget.org:443)', 'reach api.nuget.org, but'],
    ['Error: Could not find a working container runtime strategy', 'but they have no Docker'],
    ['sh: 1: docker-compose: not found', 'but they have no Docker'],
    ['Error: Command failed with ENOENT: docker compose up', 'but they have no Docker'],
  ])('has a fault that names what a command does not find: %s', (output, sentence) => {
    const before = testRun({}, { exitCode: 1 });
    expect(findBaselineFault({ ...before, outputTail: output })?.text).toContain(sentence);
  });
  test('has a fault that says why one of several commands fails', () => {
    const before = testRun(many(9, 'passed'), { exitCode: 1, outputTail: 'another command\n' });
    const suite = (command: string, exitCode: number, outputTail: string) => ({
      ...{
        command,
        folder: '',
        runner: 'command',
        exitCode,
        outputTail,
        ended: 'exited' as const,
        durationMs: 1,
      },
      ...{ granularity: 'exit-code' as const, counts: { passed: 0, failed: 0, skipped: 0, unloaded: 0 } },
    });
    const suites = [
      suite('npx cloud test', 1, 'getaddrinfo EAI_AGAIN registry.npmjs.org'),
      suite('npm test', 0, 'getaddrinfo ENOTFOUND expected.acme.dev'),
    ];
    const { text } = findBaselineFault({ ...before, suites }) ?? {};
    expect(text).toBe(
      '"npx cloud test" fails on the base commit (exit code 1), without this change. The tests tried to reach registry.npmjs.org, but tests have no network.',
    );
  });

  test('has no fault that names a host which no test means to find', () => {
    const before = testRun({}, { exitCode: 1 });
    const outputTail = 'getaddrinfo ENOTFOUND db.invalid, getaddrinfo ENOTFOUND not-existing-host';
    expect(findBaselineFault({ ...before, outputTail })?.text).not.toContain('tried to reach');
  });

  test.each([
    ['connect ECONNREFUSED 127.0.0.1:5432', 'Postgres on localhost', 'services: [postgres:16]'],
    [
      'connection to server at "localhost" (127.0.0.1), port 5432 failed: Connection refused',
      'Postgres on localhost',
      'services: [postgres:16]',
    ],
    ['dial tcp 127.0.0.1:6379: connect: connection refused', 'Redis on localhost', 'services: [redis:7]'],
    ['Error: connect ECONNREFUSED ::1:27017', 'MongoDB on localhost', 'services: [mongo:7]'],
  ])('has a fault that names the server if its tests find none: %s', (message, server, setting) => {
    const before = testRun({ ...many(9, 'passed'), ...many(1, 'failed') });
    const failed = before.cases.map((one) => (one.outcome === 'failed' ? { ...one, message } : one));
    const fault = findBaselineFault({ ...before, cases: failed });
    expect(fault).toMatchObject({ isWrecked: false });
    expect(fault?.text).toContain(server);
    expect(fault?.text).toContain(setting);
  });

  test('has a fault only until the tests run with the change', () => {
    const before = testRun(many(2, 'failed'));
    expect(findBaselineFault(before, testRun(many(2, 'passed')))).toBeNull();
    expect(findBaselineFault(before, testRun(many(2, 'failed')))).toMatchObject({ isWrecked: true });
    expect(findBaselineFault(before, testRun({ ...many(9, 'passed'), ...many(1, 'failed') }))).toBeNull();
  });
});
