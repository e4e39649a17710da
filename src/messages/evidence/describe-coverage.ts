import { describeMutation, listLines } from '../../evidence/describe-gaps.js';
import type { Evidence } from '../../evidence/evidence.js';
import type { UntrustedText } from '../../text/untrusted-text.js';
import type { Section } from './section.js';

const maxListed = 20;

/** Says in Markdown how much of the change the tests run, and whether they notice faults in it. */
export function describeCoverage(
  { coverage, mutations }: Evidence,
  untrusted: UntrustedText,
): Section | null {
  const isMeasured = coverage !== null && coverage.lines > 0;
  const body = [
    isMeasured ? describeReached(coverage, untrusted) : '',
    ...(coverage?.notes ?? []).slice(0, maxListed).map((note) => untrusted.line(note, 300)),
    mutations ? describeMutations(mutations, untrusted) : '',
  ]
    .filter(Boolean)
    .join('\n\n');
  if (body === '') return null;
  const { tried = 0, unnoticed = [] } = mutations ?? {};
  const title = [
    isMeasured ? `${coverage.reached} of ${coverage.lines} tested` : 'not measured',
    tried > 0 ? `${tried - unnoticed.length} of ${tried} small faults in them noticed` : '',
  ];
  const isBad = (coverage?.unreached.length ?? 0) + unnoticed.length > 0;
  return { title: `Changed lines: ${title.filter(Boolean).join(', ')}`, isBad, body };
}

function describeReached(
  { lines, reached, unreached }: NonNullable<Evidence['coverage']>,
  untrusted: UntrustedText,
): string {
  const files = unreached
    .slice(0, maxListed)
    .map(({ file, lines: missing }) => `${untrusted.name(file)} ${untrusted.line(listLines(missing), 200)}`);
  if (unreached.length > maxListed) files.push(`${unreached.length - maxListed} more files`);
  const rest = files.length > 0 ? `; ⚠️ not reached: ${files.join('; ')}` : '';
  const verb = reached === 1 ? 'runs' : 'run';
  return `${reached} of ${lines} changed ${lines === 1 ? 'line' : 'lines'} ${verb} in tests${rest}.`;
}

function describeMutations(
  { tried, unnoticed, untried, note }: NonNullable<Evidence['mutations']>,
  untrusted: UntrustedText,
): string {
  if (note) return untrusted.line(note, 300);
  if (tried === 0) return '';
  const late = untried > 0 ? ` There was no time for ${untried} more.` : '';
  const text = `Would the tests notice a mistake? Pullwright put small faults into these lines, one at a time: ${tried - unnoticed.length} of ${tried} noticed.${late}`;
  if (unnoticed.length === 0) return text;
  const places = unnoticed.slice(0, maxListed).map((mutation) => {
    const change = describeMutation(mutation, (code) => untrusted.name(code));
    return `- ${untrusted.name(mutation.file)} ${mutation.line}: ${change}`;
  });
  return `${text} ⚠️ Not noticed:\n\n${places.join('\n')}`;
}
