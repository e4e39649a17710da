import type { Files } from '../open-files.js';
import { asList, asMap, asText, own, type Values } from '../values.js';
import { evaluateCondition, interpolate } from './expressions.js';
import { type JobReading, unique } from './job-builder.js';
import { listCombinations } from './matrix.js';
import { emptyScope, type Job, readJob } from './read-job.js';
import { lookupIn, type Scope } from './scope.js';
import { findSharedWorkflow } from './shared-workflows.js';
import { findFilters, readWorkflows, type Workflow } from './workflow.js';

/** The combinations of one job's matrix, the one to prefer first. */
export interface JobReadings {
  id: string;
  /** The name that people gave the job, or its id. */
  name: string;
  workflow: string;
  readings: JobReading[];
}

const maxCombinations = 16;
const maxCalls = 4;
const maxJobs = 200;
const setupJob = 'copilot-setup-steps';

/**
 * Reads every job of the workflows that run for changes.
 * @param nodeRange the versions of Node that the package.json accepts, or null
 */
export async function readCi(
  files: Files,
  options: { baseBranch: string | null; nodeRange: string | null },
): Promise<JobReadings[]> {
  const all: JobReadings[] = [];
  for (const workflow of await readWorkflows(files, options.baseBranch))
    for (const job of await listJobs(workflow, {}, files, 0)) {
      if (all.length >= maxJobs) return all;
      if (job.id !== setupJob) all.push(await readCombinations(job, files, options.nodeRange));
    }
  return all;
}

/** Reads the job that prepares the environment of a coding agent; null if there is none. */
export async function readSetupJob(files: Files): Promise<JobReading | null> {
  for (const file of [
    '.github/workflows/copilot-setup-steps.yml',
    '.github/workflows/copilot-setup-steps.yaml',
  ]) {
    const content = asMap(await files.yaml(file));
    const job = own(asMap(content.jobs), setupJob);
    const workflow: Workflow = { file, content, event: 'push', branch: 'main' };
    if (job)
      return readJob(
        { workflow, id: setupJob, content: asMap(job), inputs: {}, filters: new Set() },
        {},
        files,
      );
  }
  return null;
}

/** Lists the jobs of a workflow, and those of the workflows that it calls. */
async function listJobs(workflow: Workflow, inputs: Values, files: Files, depth: number): Promise<Job[]> {
  const jobs = asMap(workflow.content.jobs);
  const filters = findFilters(jobs);
  const found: Job[] = [];
  for (const [id, raw] of Object.entries(jobs).slice(0, maxJobs)) {
    if (!files.spend()) break;
    const content = asMap(raw);
    const job = { workflow, id, content, inputs, filters };
    // The outputs of other jobs are not known here.
    const scope = emptyScope({ ...job, filters: new Set() });
    // A condition that only GitHub can decide, such as one on changed files, counts as met.
    if (evaluateCondition(asText(content.if) ?? '', lookupIn(scope)) === false) continue;
    const uses = asText(content.uses);
    if (!uses) found.push(job);
    else if (!uses.startsWith('./')) found.push(...(await listSharedJobs(job, uses, files, depth)));
    else {
      const file = uses.slice(2).split('@')[0] ?? '';
      found.push(
        ...(await listCalledJobs(job, { file, content: asMap(await files.yaml(file)) }, files, depth)),
      );
    }
  }
  return found;
}

/** Lists what is known of the jobs of another repository's workflow. */
async function listSharedJobs(job: Job, uses: string, files: Files, depth: number): Promise<Job[]> {
  const { file } = job.workflow;
  const isForTests = /\btests?\b|\bci\b|\bunit\b|integration/i.test(
    `${job.id} ${uses.split('@')[0]?.split('/').at(-1)}`,
  );
  const shared = isForTests && files.paths.has('package.json') ? findSharedWorkflow(uses) : null;
  if (isForTests && (!shared || shared.isGuess))
    files.unclear.add(
      `${file}: the job ${job.id} calls ${uses} of another repository, which was not read.${
        shared
          ? ' Its name tells which servers its tests need; their versions and passwords are guesses.'
          : ''
      }`,
    );
  return shared ? listCalledJobs(job, { file, content: shared.content }, files, depth) : [];
}

async function listCalledJobs(
  job: Job,
  { file, content }: { file: string; content: Values },
  files: Files,
  depth: number,
): Promise<Job[]> {
  if (depth >= maxCalls) return [];
  const declared = asMap(asMap(own(asMap(content.on), 'workflow_call')).inputs);
  const combinations = listCombinations(job.content, lookupIn(emptyScope(job)), null) ?? [];
  if (!files.spend(combinations.length)) return [];
  const scope: Scope = { ...emptyScope(job), matrix: combinations[0] ?? {} };
  const defaults = Object.entries(declared).map(
    ([name, input]) => [name, asMap(input).default ?? null] as const,
  );
  const given = Object.entries(asMap(job.content.with)).map(([name, value]) => {
    const text = typeof value === 'string' ? interpolate(value, lookupIn(scope)) : null;
    return [name, text ? (text.isKnown ? text.text : undefined) : value] as const;
  });
  const inputs = Object.fromEntries([...defaults, ...given.filter(([, value]) => value !== undefined)]);
  const { event, branch } = job.workflow;
  return listJobs({ file, content, event, branch }, inputs, files, depth + 1);
}

async function readCombinations(job: Job, files: Files, nodeRange: string | null): Promise<JobReadings> {
  const { workflow, id, content } = job;
  const combinations = listCombinations(content, lookupIn(emptyScope(job)), nodeRange);
  const readings: JobReading[] = [];
  for (const combination of (combinations ?? [null]).slice(0, maxCombinations))
    readings.push(await readJob(job, combination, files));
  const [first] = readings;
  if (combinations === null && first && first.tests.length > 0)
    first.unclear.push(
      `${workflow.file}: the matrix of the job ${id} comes from another job, so it was not read.`,
    );
  const needed = first && first.tests.length > 0 ? await readNeeded(job, files, nodeRange) : [];
  return {
    id,
    name: asText(content.name) ?? id,
    workflow: workflow.file,
    readings: readings.map((reading) => addNeeded(reading, needed, downloadsArtifacts(content))),
  };
}

const maxNeeded = 5;

/** Reads the jobs before a job, which may install and build what the job then downloads. */
async function readNeeded(
  { workflow, content, inputs, filters }: Job,
  files: Files,
  nodeRange: string | null,
) {
  const jobs = asMap(workflow.content.jobs);
  const needed: JobReading[] = [];
  for (const id of asList(content.needs).slice(0, maxNeeded)) {
    const other = asMap(own(jobs, String(id)));
    if (other.steps === undefined) continue;
    const job = { workflow, id: String(id), content: other, inputs, filters };
    const [combination = {}] = listCombinations(other, lookupIn(emptyScope(job)), nodeRange) ?? [];
    needed.push(await readJob(job, combination, files));
  }
  return needed;
}

function addNeeded(reading: JobReading, needed: readonly JobReading[], isBuilt: boolean): JobReading {
  const names = new Set(reading.toolchains.map(({ name }) => name));
  const toolchains = needed.flatMap((one) => one.toolchains).filter(({ name }) => !names.has(name));
  const all = { ...reading, toolchains: [...reading.toolchains, ...toolchains] };
  if (!isBuilt) return all;
  // The tests of a needed job must not run again, but what it prepares must.
  return {
    ...all,
    packageManager:
      reading.packageManager ?? needed.find((one) => one.packageManager)?.packageManager ?? null,
    installs: unique([...needed.flatMap(({ installs }) => installs), ...reading.installs]),
    preparation: unique([...needed.flatMap(({ preparation }) => preparation), ...reading.preparation]),
  };
}

function downloadsArtifacts({ steps }: Values): boolean {
  return asList(steps).some((step) =>
    /download-artifact|^actions\/cache(?:\/restore)?@/.test(asText(asMap(step).uses) ?? ''),
  );
}
