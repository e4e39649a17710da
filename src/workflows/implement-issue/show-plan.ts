import type { TestRun } from '../../evidence/evidence.js';
import { judgePlan, listPlan } from '../../messages/describe-plan.js';
import type { Outcome } from '../../runs/outcome.js';
import type { Run } from '../../runs/run.js';
import type { ProjectSetup } from '../run/project-setup.js';

/** Returns whether the run ends before the agent's work, because `/implement --plan` requested it. */
export function isPlanOnly({ trigger }: Run): boolean {
  return trigger.kind === 'command' && trigger.plan;
}

/** Describes what was found in the repository, and how its tests ran on the base commit. */
export function showPlan(project: ProjectSetup, before: TestRun | null): Outcome {
  const { found, unclear } = project.environment;
  const plan = { ...project, found, missing: [...project.missing, ...unclear], before };
  return { kind: 'plan', lines: listPlan(plan), verdict: judgePlan(plan) };
}
