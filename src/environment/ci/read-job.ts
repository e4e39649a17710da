import type { Files } from '../open-files.js';
import { readContainerOptions } from '../services/docker-run.js';
import { listPorts, makeService } from '../services/make-service.js';
import { splitWords } from '../shell/split-script.js';
import { asList, asMap, asText, type Values } from '../values.js';
import { interpolate, unknownMark } from './expressions.js';
import { finishJob, type JobBuilder, type JobReading } from './job-builder.js';
import { readSteps } from './read-steps.js';
import { lookupIn, type Scope } from './scope.js';
import { readToolImage } from './setup-actions.js';
import { addVariables, noVariables } from './variables.js';
import type { Workflow } from './workflow.js';

/** A job as a workflow calls it, perhaps through a reusable workflow. */
export interface Job {
  workflow: Workflow;
  id: string;
  content: Values;
  inputs: Values;
  filters: ReadonlySet<string>;
}

export function emptyScope({ workflow, inputs, filters }: Omit<Job, 'content' | 'id'>): Scope {
  const { event, branch } = workflow;
  return { event, branch, inputs, filters, variables: noVariables(), matrix: {}, services: [] };
}

/** Reads a job with the values of one combination of its matrix. */
export async function readJob(job: Job, combination: Values | null, files: Files): Promise<JobReading> {
  const { workflow, content } = job;
  const scope: Scope = { ...emptyScope(job), matrix: combination };
  for (const env of [workflow.content.env, content.env])
    addVariables(scope.variables, asMap(env), (touched) => lookupIn(scope, touched));
  const runsOn = interpolate(listLabels(content['runs-on']).join(' '), lookupIn(scope)).text;
  const builder: JobBuilder = {
    source: workflow.file,
    label: `the job ${job.id} of ${workflow.file}`,
    scope,
    services: [],
    toolchains: new Map(),
    packageManager: null,
    installs: [],
    pending: [],
    beside: [],
    pendingUnclear: [],
    preparation: [],
    tests: [],
    systemPackages: new Set(),
    unclear: new Set(),
    unknownVersions: new Set(),
    unknownVariables: new Set(),
    checkoutFolder: '',
  };
  readContainer(content.container, builder);
  readServices(asMap(content.services), builder);
  builder.scope = { ...scope, services: [...builder.services] };
  const folder = [workflow.content.defaults, content.defaults].reduce<string>(
    (above, defaults) => asText(asMap(asMap(defaults).run)['working-directory']) ?? above,
    '',
  );
  const plain = interpolate(folder, lookupIn(builder.scope)).text;
  await readSteps(content.steps, { files, builder, folder: plain, actions: [] });
  // copilot-setup-steps has no tests; the caller decides what its steps mean.
  if (builder.tests.length === 0) builder.preparation.push(...builder.pending);
  return finishJob(builder, !/windows|macos|mac-|osx|\bwin/i.test(runsOn));
}

function listLabels(value: unknown): string[] {
  const { group, labels } = asMap(value);
  const list = labels !== undefined || group !== undefined ? labels : value;
  return asList(list).map((label) => asText(label) ?? '');
}

/** The container of a job holds its toolchain, and may have variables. */
function readContainer(value: unknown, builder: JobBuilder): void {
  const { scope, source } = builder;
  const { image, env } = typeof value === 'string' ? { image: value, env: {} } : asMap(value);
  const tool = readToolImage(interpolate(asText(image) ?? '', lookupIn(scope)).text);
  if (tool) builder.toolchains.set(tool.name, { ...tool, source });
  addVariables(scope.variables, asMap(env), (touched) => lookupIn(scope, touched));
}

function readServices(services: Values, builder: JobBuilder): void {
  const { scope, source } = builder;
  for (const [name, raw] of Object.entries(services)) {
    const service = typeof raw === 'string' ? { image: raw } : asMap(raw);
    const { text: image, isKnown } = interpolate(asText(service.image) ?? '', lookupIn(scope));
    if (!isKnown) {
      builder.unclear.add(
        `${source}: the image of the service ${name} depends on a value that only GitHub knows.`,
      );
      continue;
    }
    const variables = noVariables();
    addVariables(variables, asMap(service.env), (touched) => lookupIn(scope, touched));
    for (const secret of variables.secrets)
      builder.unclear.add(`${source}: the value of ${secret} of the service ${name} is a secret.`);
    const options = readContainerOptions(
      splitWords(interpolate(asText(service.options) ?? '', lookupIn(scope)).text),
    );
    const command = interpolate(asText(service.command) ?? '', lookupIn(scope)).text;
    const found = makeService({
      name,
      image,
      hosts: [...(options.name ? [options.name] : []), ...options.hosts],
      ports: [...listPorts(service.ports), ...options.ports].map(
        (port) => interpolate(port, lookupIn(scope)).text,
      ),
      variables: { ...dropUnknown(options.variables), ...variables.values },
      command: splitWords(command),
      source,
      unclear: builder.unclear,
    });
    if (found) builder.services.push(found);
  }
}

function dropUnknown(variables: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => !value.includes(unknownMark)));
}
