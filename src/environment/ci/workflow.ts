import type { Files } from '../open-files.js';
import { asList, asMap, asText, own, type Values } from '../values.js';

/** A workflow that runs for changes of the code. */
export interface Workflow {
  file: string;
  content: Values;
  /** The event as which its expressions are evaluated. */
  event: 'push' | 'pull_request';
  /** The name of the default branch, as far as the workflow names it. */
  branch: string;
}

const workflowFile = /^\.github\/workflows\/[^/]+\.ya?ml$/;
const maxWorkflows = 100;
const changesOfCode = new Set(['opened', 'synchronize', 'reopened', 'ready_for_review']);

/** Reads the workflows that run on a push to a branch or on a pull request. */
export async function readWorkflows(files: Files, baseBranch: string | null): Promise<Workflow[]> {
  const names = [...files.paths].filter((file) => workflowFile.test(file)).sort();
  if (names.length > maxWorkflows)
    files.unclear.add(
      `.github/workflows has ${names.length} files; only the first ${maxWorkflows} were read.`,
    );
  const workflows: Workflow[] = [];
  for (const file of names.slice(0, maxWorkflows)) {
    const content = asMap(await files.yaml(file));
    const event = readEvent(content.on);
    if (event) workflows.push({ file, content, event, branch: baseBranch ?? readBranch(content.on) });
  }
  return workflows;
}

/** @returns null for a workflow that runs on neither */
function readEvent(on: unknown): Workflow['event'] | null {
  const isMap = typeof on === 'object' && on !== null && !Array.isArray(on);
  const names = isMap ? Object.keys(asMap(on)) : asList(on).map(asText);
  const push = asMap(own(asMap(on), 'push'));
  // A push of a tag is a release.
  const isTagsOnly =
    ('tags' in push || 'tags-ignore' in push) && !('branches' in push || 'branches-ignore' in push);
  if (names.includes('push') && !isTagsOnly) return 'push';
  const request = ['pull_request', 'pull_request_target'].find((name) => names.includes(name));
  if (!request) return null;
  const { types } = asMap(own(asMap(on), request));
  const isForCode = types === undefined || asList(types).some((type) => changesOfCode.has(String(type)));
  return isForCode ? 'pull_request' : null;
}

/** The first branch of the filters that is no pattern. */
function readBranch(on: unknown): string {
  const events = ['push', 'pull_request'].map((name) => asMap(own(asMap(on), name)));
  const names = events.flatMap(({ branches }) => asList(branches).map(asText));
  const plain = names.filter((name) => name !== null && /^[\w./-]+$/.test(name)) as string[];
  return plain.find((name) => /^(?:main|master|develop|trunk)$/.test(name)) ?? plain[0] ?? 'main';
}

const filterActions =
  /^(?:dorny\/paths-filter|tj-actions\/changed-files|step-security\/(?:paths-filter|changed-files)|fkirc\/skip-duplicate-actions|AurorNZ\/paths-filter|trilom\/file-changes-action)\b/i;

/** Finds the steps that say which files changed, and the jobs that contain them. */
export function findFilters(jobs: Values): Set<string> {
  const ids = new Set<string>();
  for (const [job, content] of Object.entries(jobs))
    for (const step of asList(asMap(content).steps).map(asMap)) {
      const named = asText(step.id);
      const compares = /git (?:diff|log)\b.*--name-only|git diff-tree/.test(asText(step.run) ?? '');
      if (!filterActions.test(asText(step.uses) ?? '') && !compares) continue;
      ids.add(job);
      if (named) ids.add(named);
    }
  return ids;
}
