import type { Fault } from '../evidence/find-faults.js';

/** Says in a clause what was wrong with submitted work, such as `2 tests newly fail`. */
export function summarizeFault(fault: Fault): string {
  switch (fault.kind) {
    case 'packages':
      return 'the packages do not fit or cannot be installed';
    case 'migrations':
      return 'the rehearsal of the migrations found faults';
    case 'undeclared-api':
      return `${count(fault.differences.length, 'breaking API change is', 'breaking API changes are')} not in the submission`;
    case 'newly-failing':
      return count(fault.tests.length, 'test newly fails', 'tests newly fail');
    case 'lost':
      return count(fault.count, 'test is missing or skipped', 'tests are missing or skipped');
    case 'command-fails':
      return 'the test command newly fails';
    case 'unproven':
      return 'no test proves the change';
    case 'unreached':
      return `no test runs ${count(countLines(fault.places), 'changed line', 'changed lines')}`;
    case 'unnoticed':
      return `the tests do not notice ${count(fault.mutations.length, 'small fault', 'small faults')}`;
    case 'blocked':
      return 'the change contains what is never pushed';
    case 'look-alike':
      return `what looks like credentials is in ${count(fault.findings.length, 'place', 'places')}`;
    case 'lockfile':
      return 'a lockfile does not fit its manifest';
    case 'ignored':
      return `git ignores ${count(fault.findings.length, 'new file', 'new files')}`;
    case 'unsure':
      return `${count(fault.findings.length, 'file', 'files')} may be left behind by the tests or a build`;
  }
}

function countLines(places: readonly { lines: readonly number[] }[]): number {
  return places.reduce((sum, { lines }) => sum + lines.length, 0);
}

function count(number: number, one: string, more: string): string {
  return `${number} ${number === 1 ? one : more}`;
}
