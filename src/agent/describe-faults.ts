import { describeMutation, listLines } from '../evidence/describe-gaps.js';
import type { Finding } from '../evidence/evidence.js';
import type { Fault } from '../evidence/find-faults.js';
import { renderFailures } from './tools/render-tests.js';

type Of<Kind extends Fault['kind']> = Extract<Fault, { kind: Kind }>;

const maxListed = 20;
const maxOutput = 3000;

/** Says to the agent why its submitted work is returned, and what to do. The text begins in lowercase. */
export function describeFaults(faults: readonly Fault[]): string {
  const described = faults.map((fault) => (words[fault.kind] as (fault: Fault) => string)(fault));
  return `${described.join('\n\nAlso, ')}\n\n${whatToDo}`;
}

const whatToDo =
  'Fix this, then call submit again. If something is intended, say so in the summary and call submit again.';

const words: { [Kind in Fault['kind']]: (fault: Of<Kind>) => string } = {
  packages: ({ reasons }) => `the packages of your change have faults.\n${list(reasons)}`,
  migrations: ({ reasons, output }) =>
    [
      'Pullwright applied your migrations to a database with the old schema and made rows, undid them, and ' +
        `applied them again. It found this.\n${list(reasons)}`,
      ...(output === '' ? [] : [`The end of the output:\n${output.trim().toWellFormed()}`]),
    ].join('\n'),
  'undeclared-api': ({ differences }) =>
    [
      'your change breaks the API for its clients, and your submission names no changed endpoint.',
      list(differences.map(({ file, says }) => `${file}: ${says}`)),
      'Keep the API compatible. If the issue asks for this, name it in `endpoints` of submit.',
    ].join('\n'),
  'newly-failing': ({ tests }) =>
    [
      `${count(tests.length, 'test fails', 'tests fail')} with your change and did not fail before it.`,
      ...renderFailures(tests),
    ].join('\n\n'),
  lost: ({ count: lost, removed }) =>
    [
      `${count(lost, 'test', 'tests')} that ran before your change ${lost === 1 ? 'is' : 'are'} missing or ` +
        `skipped now${removed.length > lost ? `, among these ${removed.length}` : ''}.`,
      list(removed),
    ].join('\n'),
  'command-fails': ({ reasons, output }) =>
    [
      `the result of the tests got worse: ${reasons.join(' ')} The end of their output:`,
      output.trim().slice(-maxOutput).toWellFormed(),
    ].join('\n'),
  unproven: ({ files }) =>
    [
      'no test shows what your change does: ' +
        (files.length === 0
          ? 'you added and changed none.'
          : 'every test that you added or changed also passes without your change.'),
      'Add a test that fails without your change, unless the behavior stays the same or no test can show it.',
    ].join('\n'),
  unreached: ({ places }) =>
    [
      'no test runs these lines of your change.',
      list(places.map(({ file, lines }) => `${file} ${listLines(lines)}`)),
      'Add or extend tests that run them and check what they do, unless no test can.',
    ].join('\n'),
  unnoticed: ({ mutations }) =>
    [
      'your tests still pass if your change has one of these faults.',
      list(mutations.map((one) => `${one.file} ${one.line}: ${describeMutation(one)}`)),
      'Add or extend tests that fail with each of them, unless a fault makes no difference.',
    ].join('\n'),
  blocked: ({ findings }) =>
    [
      'your change contains what Pullwright never pushes.',
      listFindings(findings),
      'Undo it. As long as it is there, nothing of your work is pushed.',
    ].join('\n'),
  'look-alike': ({ findings }) =>
    [
      'your change contains what looks like credentials.',
      listFindings(findings),
      'Remove each of them: read the value from the environment or, in tests and examples, use one that is ' +
        'obviously fake. If one stays, the pull request becomes a draft that shows the place to reviewers.',
    ].join('\n'),
  lockfile: ({ findings }) => `a lockfile does not fit its manifest.\n${listFindings(findings)}`,
  ignored: ({ findings }) =>
    [
      'git ignores files that you created, so they are not part of your change.',
      list(findings.map(({ path }) => path)),
      'Move them, or change the ignore rule. Delete what does not belong to the change.',
    ].join('\n'),
  unsure: ({ findings }) =>
    [
      'the tests or a build may have written these files of your change.',
      list(findings.map(({ path }) => path)),
      'Delete or restore those that do not belong to the change. Name the others in `keep` of submit.',
    ].join('\n'),
};

function listFindings(findings: readonly Finding[]): string {
  return list(findings.map(({ path, line, says }) => `${path}${line ? `:${line}` : ''} ${says}`));
}

function list(items: readonly string[]): string {
  const lines = items.slice(0, maxListed).map((item) => `- ${item}`);
  if (items.length > maxListed) lines.push(`- and ${items.length - maxListed} more`);
  return lines.join('\n');
}

function count(number: number, one: string, more: string): string {
  return `${number} ${number === 1 ? one : more}`;
}
