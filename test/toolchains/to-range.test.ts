import { describe, expect, test } from '@jest/globals';
import semver from 'semver';
import type { Toolchain } from '../../src/environment/environment.js';
import { toRange } from '../../src/toolchains/to-range.js';

const now = new Date('2026-11-29');

/** Name, version as a file writes it, versions that fit, versions that do not. */
const fits: [Toolchain['name'], string, string[], string[]][] = [
  ['node', '22', ['22.1.0', '22.23.5'], ['20.20.2', '23.0.0']],
  ['node', '22.x', ['22.1.0'], ['21.9.0']],
  ['node', '>=18', ['18.0.0', '26.1.0'], ['16.20.2']],
  ['node', '^20.10', ['20.10.0', '20.20.2'], ['20.9.0', '21.0.0']],
  ['node', '18 || >=20', ['18.1.0', '24.0.0'], ['19.0.0']],
  ['node', 'v18.17.0', ['18.17.0'], ['18.17.1']],
  ['node', 'node-v16.20', ['16.20.2'], ['16.19.0']],
  ['node', 'lts/*', ['26.3.0'], ['24.1.0', '25.0.0']],
  ['node', 'LTS', ['26.3.0'], ['24.1.0']],
  ['node', 'lts/-1', ['24.3.0'], ['26.1.0']],
  ['node', 'lts/iron', ['20.1.0'], ['22.1.0']],
  ['node', 'jod', ['22.1.0'], ['20.1.0']],
  ['node', 'latest', ['26.1.0', '18.0.0'], []],
  ['python', '3.12', ['3.12.4'], ['3.11.2', '3.13.0']],
  ['python', '3.12.1', ['3.12.4'], ['3.11.2']],
  ['python', '>=3.9,<3.13,!=3.10.1', ['3.9.0', '3.12.9'], ['3.8.1', '3.13.0']],
  ['python', '~=3.10', ['3.10.0', '3.12.0'], ['3.9.0', '4.0.0']],
  ['python', '~=3.10.2', ['3.10.2', '3.10.9'], ['3.11.0']],
  ['python', '==3.11.*', ['3.11.9'], ['3.12.0']],
  ['python', '^3.11', ['3.12.0'], ['3.10.0']],
  ['python', '3', ['3.11.2'], ['2.7.18']],
  ['python', '3.x', ['3.11.2'], ['2.7.18']],
  ['go', '1.21', ['1.21.0', '1.25.3'], ['1.20.9']],
  ['go', 'go1.22.3', ['1.22.3', '1.23.0'], ['1.22.1']],
  ['go', '1.22.x', ['1.23.0'], ['1.21.0']],
  ['go', 'stable', ['1.25.0'], []],
  ['java', '17', ['17.0.9'], ['21.0.1', '11.0.0']],
  ['java', '1.8', ['8.0.0'], ['11.0.0']],
  ['java', 'temurin-21.0.2+13.0.LTS', ['21.0.1'], ['17.0.1']],
  ['java', '17.0.9-tem', ['17.0.1'], ['21.0.1']],
  ['ruby', 'ruby-3.2.2', ['3.2.1'], ['3.1.2']],
  ['php', '^7.4|^8.0', ['7.4.33', '8.2.7'], ['7.3.0']],
  ['php', '8.2', ['8.2.7'], ['8.1.0']],
  ['rust', '1.75.0', ['1.75.1'], ['1.74.0']],
  ['rust', 'nightly-2026-01-01', ['1.90.0'], []],
  ['dotnet', '8.0.100', ['8.0.404'], ['9.0.100']],
  ['dotnet', '8.0.x', ['8.0.404'], ['6.0.1']],
  ['bun', 'latest', ['1.2.3'], []],
  ['bun', '1.1.0', ['1.1.0'], ['1.1.1']],
  ['deno', 'v2.x', ['2.1.0'], ['1.46.0']],
];

describe('toRange reads a version of', () => {
  test.each(fits)('%s: %s', (name, version, right, wrong) => {
    const range = toRange({ name, version }, now);
    expect(range).not.toBeNull();
    const satisfied = [...right, ...wrong].filter((one) => semver.satisfies(one, range ?? ''));
    expect(satisfied).toEqual(right);
  });
});

test.each([
  ['node', 'lts/unobtanium'],
  ['node', 'lts/-40'],
  ['node', '$NODE_VERSION'],
  ['python', 'pypy3.9'],
  ['ruby', 'jruby-9.4'],
  ['java', 'whatever'],
] as const)('toRange does not guess what %s %s means', (name, version) => {
  expect(toRange({ name, version }, now)).toBeNull();
});

test('a release line gets long-term support on its day', () => {
  expect(toRange({ name: 'node', version: 'lts/*' }, new Date('2026-10-27'))).toContain('24.0.0');
  expect(toRange({ name: 'node', version: 'lts/*' }, new Date('2026-10-28'))).toContain('26.0.0');
});
