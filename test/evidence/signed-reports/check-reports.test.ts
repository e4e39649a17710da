import { createHmac } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { checkReports } from '../../../src/evidence/signed-reports/check-reports.js';

const keys = ['first', 'second'];
const file = 'node-test-7.jsonl';
const passed = (name: string) => JSON.stringify({ file: null, names: [name], outcome: 'passed' });
const end = '{"end":true}';

/** Signs a line as reporters/sign-report.cjs does. */
function sign(line: string, number: number, { key = 0, name = file } = {}): string {
  const signature = createHmac('sha256', keys[key] ?? '').update(`${name} ${number} ${line}`);
  return `${key} ${number} ${signature.digest('hex')} ${line}`;
}

function check(lines: string[], signers: string | null = 'runner', others: { runner: string }[] = []) {
  const text = `${lines.join('\n')}\n`;
  const more = others.map((one) => ({ ...one, file: 'x', text }));
  const checked = checkReports({ reports: [{ runner: 'node:test', file, text }, ...more], signers }, keys);
  return { ...checked, text: checked.reports[0]?.text };
}

test('signed lines remain, and their signatures do not', () => {
  expect(check([sign(passed('a'), 1), sign(end, 2)])).toMatchObject({
    ...{ text: `${passed('a')}\n${end}\n`, reportedBy: 'runner', remark: '' },
    ...{ isWhole: true, countsPrinted: false },
  });
});

test.each([
  ['without a signature', passed('b')],
  ['with a changed result', sign(passed('a'), 2).replace('"a"', '"b"')],
  ['that repeats an earlier one', sign(passed('a'), 1)],
  ['of another report', sign(passed('b'), 2, { name: 'node-test-8.jsonl' })],
  ['with a key that nobody has', `9 2 ${'0'.repeat(64)} ${passed('b')}`],
])('a line %s is left out', (_, line) => {
  expect(check([sign(passed('a'), 1), line, sign(end, 2)])).toMatchObject({
    text: `${passed('a')}\n${end}\n`,
    remark: 'Lines of test reports without the signature of a test runner were left out (1).',
  });
});

test('a note says that lines are missing, and the report is not whole without its end', () => {
  const note = 'lines that the test runner wrote are no longer in its report';
  expect(check([sign(passed('b'), 2), sign(end, 3)])).toMatchObject({ note, isWhole: true });
  const cut = check([sign(passed('a'), 1)]);
  expect(cut).toMatchObject({ isWhole: false });
  expect(cut.note).toBeUndefined();
});

test.each([
  ['one runner reports for its own process', 'runner tests', []],
  ['Jest runs in band', 'in-band', []],
  ['another runner signs nothing', 'runner', [{ runner: 'pytest' }]],
])('the tests report themselves if %s', (_, signers, others) => {
  expect(check([sign(passed('a'), 1), sign(end, 2)], signers, others).reportedBy).toBe('tests');
});

test('nothing is checked where the backend changes paths, and signatures are removed', () => {
  const { text, reportedBy } = check([`0 1 ${'0'.repeat(64)} ${passed('a')}`, passed('b')], 'tests mapped');
  expect(text).toBe(`${passed('a')}\n${passed('b')}\n`);
  expect(reportedBy).toBe('tests');
});

test('a script that ended before its last words leaves nothing signed', () => {
  expect(
    checkReports({ reports: [{ runner: 'jest', file, text: passed('a') }], signers: null }, keys),
  ).toMatchObject({
    ...{ reports: [], reportedBy: 'tests' },
  });
});
