import { countCases, describeCounts } from '../../evidence/count-cases.js';
import type { DetailedRun } from '../../evidence/run-tests.js';
import { describeEnd } from './describe-end.js';

type Run = DetailedRun['run'];
type Failure = DetailedRun['failures'][number];

/*
 * Limits in characters. Together they keep a result below the length at which results are cut. The file with
 * the full text contains what is missing.
 */
const maxDetailed = 20;
const maxAllDetails = 5000;
/** If many tests fail, each of them gets at least this much, and fewer tests are shown. */
const minDetails = 600;
const maxDetails = 3500;
const maxListed = 800;
const maxEnd = 1500;
const maxId = 300;

/** Renders a run of the tests in a few thousand characters. `full` is set if something had to be left out. */
export function renderRun({ run, failures, output, outputEnd }: DetailedRun): {
  text: string;
  full?: string;
} {
  const end = run.granularity === 'per-test' ? ` (${describeEnd(run)})` : '';
  const head = `${renderCounts(run)}${end}${run.note ? `; ${run.note}` : ''}${run.remark ? `. ${run.remark}` : ''}`;
  if (failures.length === 0) return { text: run.exitCode === 0 ? head : `${head}\n${output.trim()}` };
  const all = failures.map((failure) => renderFailure(failure, Infinity));
  const text = [head, ...renderFailures(failures), ...renderEnd(outputEnd)].join('\n\n');
  const full = [head, ...all, `The whole output:\n${output}`].join('\n\n');
  return full.length > text.length ? { text, full } : { text };
}

export function renderCounts(run: Run): string {
  if (run.granularity === 'exit-code') return describeEnd(run);
  return describeCounts(countCases(run.cases));
}

export function renderFailures(failures: readonly Failure[]): string[] {
  const share = Math.floor(maxAllDetails / failures.length);
  const length = Math.min(Math.max(share, minDetails), maxDetails);
  const detailed: string[] = [];
  let left = maxAllDetails;
  for (const failure of failures.slice(0, maxDetailed)) {
    const text = renderFailure(failure, length);
    left -= text.length;
    if (left < 0 && detailed.length > 0) break;
    detailed.push(text);
  }
  const rest = failures.slice(detailed.length);
  return rest.length > 0 ? [...detailed, listRest(rest)] : detailed;
}

/** @param max the approximate maximum length of the result */
function renderFailure({ id, error = '', output = '' }: Failure, max: number): string {
  const head = `FAILED ${cut(id, maxId)}`;
  const left = max - head.length;
  const shownOutput = output && cut(output, Math.max(Math.floor(left / 3), left - error.length));
  const shownError = cut(error, left - shownOutput.length);
  return [head, shownError, shownOutput && `Printed:\n${shownOutput}`].filter(Boolean).join('\n');
}

function listRest(failures: readonly Failure[]): string {
  const lines: string[] = [];
  let left = maxListed;
  for (const { id } of failures) {
    const line = `FAILED ${cut(id, maxId)}`;
    left -= line.length;
    if (left < 0) break;
    lines.push(line);
  }
  const more = failures.length - lines.length;
  return [...lines, ...(more > 0 ? [`and ${more} more failures`] : [])].join('\n');
}

function renderEnd(text: string): string[] {
  if (text === '') return [];
  const end = text.length > maxEnd ? `[…]${text.slice(-maxEnd).toWellFormed()}` : text;
  return [`The end of the output:\n${end}`];
}

/** Cuts out the middle of a text. */
function cut(text: string, max: number): string {
  const half = Math.floor(max / 2);
  return text.length <= max ? text : `${text.slice(0, half)}\n[…]\n${text.slice(-half)}`.toWellFormed();
}
