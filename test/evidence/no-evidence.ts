import type { Evidence } from '../../src/evidence/evidence.js';

/** Evidence without any measurement. Tests add what they are about. */
export const noEvidence: Evidence = {
  ...{ before: null, after: null, comparison: null, proof: null, migrations: null, api: null },
  ...{ coverage: null, queries: null, mutations: null, packages: null, findings: [], leftOut: [], notes: [] },
};
