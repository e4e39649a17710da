import { type Files, joinInside } from '../open-files.js';
import { cleanTest } from '../shell/clean-test.js';
import { asList, asMap, asText, own, type Values } from '../values.js';
import { findVersions, readVersionFile } from '../versions/version-files.js';
import { readCommandAction } from './command-actions.js';
import { evaluateCondition, interpolate } from './expressions.js';
import type { JobBuilder } from './job-builder.js';
import { type RunAction, readRun } from './read-run.js';
import { addBeside, runBeside } from './run-beside.js';
import { lookupIn, secretMark } from './scope.js';
import { readServiceAction } from './service-actions.js';
import { readSetupAction } from './setup-actions.js';
import { addVariables, copyVariables, setVariable } from './variables.js';

interface StepContext {
  files: Files;
  builder: JobBuilder;
  /** The working directory of steps that name none. */
  folder: string;
  /** The files of the local actions that the step is in. */
  actions: readonly string[];
}

const maxSteps = 200;
const maxDepth = 5;

/** Reads the steps of a job or of a local action, in order. */
export async function readSteps(steps: unknown, context: StepContext): Promise<void> {
  for (const step of asList(steps).slice(0, maxSteps).map(asMap)) await readStep(step, context);
}

async function readStep(step: Values, context: StepContext): Promise<void> {
  const { builder, files } = context;
  const outer = builder.scope;
  if (!files.spend(1 + Object.keys(outer.variables.values).length / 100)) return;
  const variables = copyVariables(outer.variables);
  addVariables(variables, asMap(step.env), (touched) => lookupIn({ ...outer, variables }, touched));
  const scope = { ...outer, variables };
  const condition = decide(asText(step.if) ?? '', scope);
  if (condition === false) return;
  const uses = asText(step.uses);
  const script = asText(step.run) ?? readCommandAction(uses, readInputs(step, scope));
  if (script !== null) {
    if (!/^(?:bash|sh)\b/.test(asText(step.shell) ?? 'bash')) return;
    const place = readFolder(step['working-directory'], context, scope);
    if (place === null) return noteStep(step, context, 'the working directory is not known');
    const text = interpolate(script, lookupIn(scope, undefined, secretMark)).text;
    const run = {
      folder: place,
      source: builder.source,
      variables: variables.values,
      isTest: saysTest(step),
    };
    const actions = await trustName(step, await readRun(text, run, files), files);
    if (condition === null) {
      const kinds = new Set<string>(actions.map(({ kind }) => kind));
      const reason = describeCondition(step);
      if (['test', 'browser-test', 'coverage', 'services'].some((kind) => kinds.has(kind)))
        noteStep(step, context, reason);
      else if (kinds.has('prepare')) builder.pendingUnclear.push(describeStep(step, context, reason));
      return;
    }
    const own = pickOwn(asMap(step.env), variables.values);
    for (const name of variables.secrets) builder.scope.variables.secrets.add(name);
    if (actions.some(({ kind }) => kind === 'test'))
      for (const name of variables.unknown) builder.unknownVariables.add(name);
    for (const action of actions) addAction(action, builder, own, step, context);
  } else if (uses && condition !== null) await readUses(uses, step, scope, context);
  else if (uses && isForServices(uses, builder)) noteStep(step, context, describeCondition(step));
}

/**
 * Evaluates the condition of a step. If only GitHub knows the matrix, a condition that leaves some of its
 * values out counts as met.
 * @returns null if the condition is not known
 */
function decide(condition: string, scope: JobBuilder['scope']): boolean | null {
  const result = evaluateCondition(condition, lookupIn(scope));
  if (result !== null || scope.matrix !== null) return result;
  const isExclusion = /\bmatrix\b.*!=/s.test(condition) && !/==/.test(condition);
  const isOnMore = /\b(?:github|env|needs|steps|inputs|vars|secrets|failure|cancelled|hashFiles)\b/i.test(
    condition,
  );
  return isExclusion && !isOnMore ? true : null;
}

/** Whether an action may start a server, as far as its name tells. */
function isForServices(uses: string, { source }: JobBuilder): boolean {
  return uses.startsWith('./') || readServiceAction(uses, {}, source) !== null;
}

function describeCondition(step: Values): string {
  return `the condition \`${shorten(asText(step.if) ?? '')}\` is not known`;
}

function saysTest(step: Values): boolean {
  const says = /^(?:run |execute )?(?:the )?(?:(?:all|unit|integration|e2e|api|backend|server) )*tests?$/i;
  return says.test(asText(step.name)?.trim() ?? '');
}

/** Programs that a machine has, or that a repository installs. */
const usualPrograms =
  /^(?:\w+=\S*\s+)*(?:\S*\/|(?:npm|npx|pnpm|pnpx|yarn|bunx?|node|tsx|ts-node|deno|python[\d.]*|uv|poetry|pdm|hatch|pipenv|make|just|task|bash|sh|go|cargo|bundle|ruby|rake|php|composer|mvn|gradle|dotnet|docker|sudo|timeout|cross-env|xvfb-run)\s)/;

/** If no command of a step is known to test, but its name says that it runs tests, its last command does. */
async function trustName(step: Values, actions: RunAction[], files: Files): Promise<RunAction[]> {
  const last = actions.at(-1);
  const isKnown = actions.some(({ kind }) => /test$|^coverage$/.test(kind));
  if (isKnown || last?.kind !== 'prepare' || !saysTest(step)) return actions;
  // A step that tests migrations only changes a database.
  if (/\b(?:migrat(?:e|ions?)|seed)\b/.test(last.command)) return actions;
  // A program that an action of CI installed is not here. The package.json says how people run the tests.
  const { test } = asMap(asMap(await files.json('package.json')).scripts);
  if (test && !usualPrograms.test(`${last.command} `)) return actions;
  return [...actions.slice(0, -1), { ...last, kind: 'test', command: cleanTest(last.command) }];
}

/** The variables of a step itself, with their values. */
function pickOwn(env: Values, values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.keys(env).flatMap((name) => {
      const value = own(values, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function addAction(
  action: RunAction,
  builder: JobBuilder,
  own: Record<string, string>,
  step: Values,
  context: StepContext,
): void {
  switch (action.kind) {
    case 'variable':
      if (action.isExported && action.value !== null) own[action.name] = action.value;
      else if (!action.isExported) setVariable(builder.scope.variables, action.name, action.value);
      return;
    case 'services':
      builder.services.push(...action.services);
      return;
    case 'toolchain':
      builder.toolchains.set(action.name, {
        name: action.name,
        version: action.version,
        source: builder.source,
      });
      return;
    case 'system':
      for (const name of action.packages) builder.systemPackages.add(name);
      return;
    case 'note':
      builder.unclear.add(`${builder.source}: ${action.sentence}.`);
      return;
    case 'unclear':
      noteStep(step, context, action.reason);
      return;
    default: {
      const { kind, command, folder } = action;
      const found = {
        command,
        folder,
        source: builder.source,
        own: { ...own },
        kind,
        isOptional: step['continue-on-error'] === true,
      };
      if (kind === 'install') builder.installs.push(found);
      else if (kind === 'prepare') builder.pending.push(found);
      else if (kind === 'background' || kind === 'wait') addBeside(builder.beside, found);
      else {
        builder.preparation.push(...builder.pending.splice(0));
        for (const note of builder.pendingUnclear.splice(0)) builder.unclear.add(note);
        builder.tests.push(runBeside(builder.beside, found));
      }
    }
  }
}

function readInputs(step: Values, scope: JobBuilder['scope']): Values {
  return Object.fromEntries(
    Object.entries(asMap(step.with)).map(([name, value]) => {
      const text = asText(value);
      if (text === null) return [name.toLowerCase(), null];
      const result = interpolate(text, lookupIn(scope));
      return [name.toLowerCase(), result.isKnown ? result.text : null];
    }),
  );
}

async function readUses(
  uses: string,
  step: Values,
  scope: JobBuilder['scope'],
  context: StepContext,
): Promise<void> {
  const { builder, files } = context;
  const inputs = readInputs(step, scope);
  if (uses.startsWith('./')) return readLocalAction(uses, inputs, scope, context);
  const [action = ''] = uses.toLowerCase().split('@');
  if (action === 'actions/checkout' && !inputs.repository)
    builder.checkoutFolder = asText(inputs.path)?.replace(/^\.?\/|\/$/g, '') ?? '';
  const version = asText(inputs.version);
  if (action === 'pnpm/action-setup' && version && /^\d/.test(version))
    builder.packageManager = `pnpm@${version}`;
  const service = readServiceAction(uses, inputs, builder.source);
  if (service) builder.services.push(service);
  const setup = readSetupAction(uses, inputs);
  if (!setup) return;
  const { name } = setup;
  if ('version' in setup)
    builder.toolchains.set(name, { name, version: setup.version, source: builder.source });
  else if ('file' in setup) {
    const file = joinInside('', setup.file.replace(`${builder.checkoutFolder}/`, ''));
    const found = file === null ? undefined : (await readVersionFile(files, file))[name];
    if (file && found) builder.toolchains.set(name, { name, version: found, source: file });
    else builder.unclear.add(`${builder.source}: the version of ${name} in ${setup.file} could not be read.`);
  } else if (asText(asMap(step.with)[`${name}-version`])?.includes('${{')) builder.unknownVersions.add(name);
  // These actions install the newest version if no file names one. A machine seldom has these programs.
  else if (/^(?:bun|deno)$/.test(name) && !(await isNamed(name, files)))
    builder.toolchains.set(name, { name, version: 'latest', source: builder.source });
}

async function isNamed(name: string, files: Files): Promise<boolean> {
  const { toolchains } = await findVersions(files, ['']);
  return toolchains.some((one) => one.name === name);
}

async function readLocalAction(
  uses: string,
  inputs: Values,
  scope: JobBuilder['scope'],
  context: StepContext,
): Promise<void> {
  const { files, builder, actions } = context;
  const relative = uses.replace(`./${builder.checkoutFolder}/`, './');
  const folder = joinInside('', relative);
  const file = ['action.yml', 'action.yaml']
    .map((name) => `${folder}/${name}`)
    .find((name) => files.paths.has(name));
  if (!file || actions.includes(file) || actions.length >= maxDepth) return;
  const { runs, inputs: declared } = asMap(await files.yaml(file));
  const defaults = Object.entries(asMap(declared)).map(([name, input]) => {
    const text = asText(asMap(input).default) ?? '';
    return [name.toLowerCase(), interpolate(text, lookupIn(scope)).text] as const;
  });
  const given = Object.entries(inputs).filter(([, value]) => value !== null);
  // Steps of the action see its inputs, and write variables for the steps after it.
  builder.scope = { ...builder.scope, inputs: Object.fromEntries([...defaults, ...given]) };
  await readSteps(asMap(runs).steps, { ...context, actions: [...actions, file], folder: '' });
  builder.scope = { ...builder.scope, inputs: scope.inputs };
}

/** @returns null if the folder is not known or outside of the repository */
function readFolder(
  value: unknown,
  { folder, builder }: StepContext,
  scope: JobBuilder['scope'],
): string | null {
  const text = asText(value);
  const result = text === null ? { text: folder, isKnown: true } : interpolate(text, lookupIn(scope));
  const plain = result.text.replace(/^\/workspace\/?/, '').replace(/^\.\//, '');
  const { checkoutFolder } = builder;
  const isInside =
    checkoutFolder !== '' && (plain === checkoutFolder || plain.startsWith(`${checkoutFolder}/`));
  if (!result.isKnown || plain.startsWith('/') || plain.includes('$')) return null;
  return joinInside('', isInside ? plain.slice(checkoutFolder.length) : plain);
}

function noteStep(step: Values, context: StepContext, reason: string): void {
  context.builder.unclear.add(describeStep(step, context, reason));
}

function describeStep(step: Values, { builder }: StepContext, reason: string): string {
  const name =
    asText(step.name) ?? asText(step.id) ?? asText(step.run)?.split('\n')[0] ?? asText(step.uses) ?? '';
  return `${builder.source}: the step "${shorten(name)}" was left out, because ${reason}.`;
}

function shorten(text: string): string {
  const line = text.split('\n')[0] ?? '';
  return line.length > 80 ? `${line.slice(0, 80)}…` : line;
}
