import { createHmac } from 'node:crypto';
import { getRunner } from '../runners/runners.js';
import type { PrintedFile, PrintedParts, PrintedReport } from '../test-script.js';

export interface CheckedReports {
  reports: PrintedReport[];
  /** See `TestRun.reportedBy`. */
  reportedBy: 'runner' | 'tests';
  /** Whether results that were only printed count. If a runner signs, its tests can print such results. */
  countsPrinted: boolean;
  /** Whether there is a report, and no runner that began one is missing its end. */
  isWhole: boolean;
  /** What was done to the reports, in sentences; '' if nothing. */
  remark: string;
  /** The reason why results are missing, as in `Results`. */
  note?: string;
}

/** A report of which only signed lines remain. */
interface Signed {
  text: string;
  /** Number of lines without a valid signature. */
  foreign: number;
  /** Whether signed lines are missing, except at the end. */
  isCut: boolean;
}

/**
 * Leaves only what test runners wrote in the reports, wherever runners sign their reports: in Node. Others
 * stay as they are, because their tests run in the same process as the reporter.
 */
export function checkReports(
  { reports, signers }: Pick<PrintedParts, 'reports' | 'signers'>,
  keys: readonly string[],
): CheckedReports {
  const words = signers?.split(/\s+/) ?? [];
  const countsPrinted = !words.some((word) => word === 'runner' || word === 'in-band');
  const isByTests = words.some((word) => word === 'tests' || word === 'in-band');
  // Without a sandbox, the paths in the printed reports are not those that the runners signed.
  if (words.includes('mapped')) {
    const unchecked = reports.map((one) => ({ ...one, text: one.text.replace(signature, '') }));
    return { reports: unchecked, reportedBy: 'tests', countsPrinted, isWhole: true, remark: '' };
  }
  const isSigned = ({ runner }: PrintedFile) => getRunner(runner).report?.through === 'node';
  const signed = reports.filter(isSigned).map((one) => ({ ...one, ...readSigned(one, keys) }));
  const others = reports.filter((one) => !isSigned(one) && one.text.trim() !== '');
  const begun = signed.filter(({ text }) => text !== '');
  const foreign = signed.reduce((sum, one) => sum + one.foreign, 0);
  const remarks = [
    foreign > 0 && `Lines of test reports without the signature of a test runner were left out (${foreign}).`,
    words.includes('changed') && changed,
  ];
  return {
    reports: [...begun, ...others],
    reportedBy: isByTests || others.length > 0 || begun.length === 0 ? 'tests' : 'runner',
    countsPrinted,
    isWhole: begun.every(hasEnded) && begun.length + others.length > 0,
    remark: remarks.filter(Boolean).join(' '),
    ...(signed.some(({ isCut }) => isCut) && { note: cut }),
  };
}

const changed =
  "The tests changed Pullwright's own files in the sandbox, so test runners that started later could not sign.";
const cut = 'lines that the test runner wrote are no longer in its report';

/** What is in front of each line: the number of the key, the number of the line, and the signature. */
const signature = /^\d+ \d+ [0-9a-f]{64} /gm;

function readSigned({ text, file }: PrintedFile, keys: readonly string[]): Signed {
  const kept: string[] = [];
  /** The number of the last line of each signer. */
  const last = new Map<string, number>();
  let foreign = 0;
  let isCut = false;
  for (const one of text.split('\n').filter(Boolean)) {
    const [, index = '', number = '', signed, line = ''] = /^(\d+) (\d+) (\w+) (.*)$/.exec(one) ?? [];
    const key = keys[Number(index)];
    const before = last.get(index) ?? 0;
    const isOwn = key && signed === sign(key, `${file} ${number} ${line}`) && Number(number) > before;
    if (isOwn) {
      kept.push(line);
      last.set(index, Number(number));
      isCut ||= Number(number) !== before + 1;
    } else foreign += 1;
  }
  return { text: kept.map((line) => `${line}\n`).join(''), foreign, isCut };
}

function sign(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

/** Returns whether a runner wrote the last line that `find_ended` looks for. */
function hasEnded({ file, text }: PrintedFile): boolean {
  if (file.endsWith('.tap')) return /^# (?:pass|ok|time)/m.test(text);
  return file.endsWith('.json') || text.endsWith('{"end":true}\n');
}
