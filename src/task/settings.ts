import { parseDocument } from 'yaml';
import { z } from 'zod';
import { efforts } from '../runs/effort.js';
import { migrations, namesOf, services, setup, test, toolchains, variables } from './environment-settings.js';
import { isTooDeep } from './is-too-deep.js';
import { listOf, matching, orNull, text } from './settings-values.js';

/** The path of a repository's settings file on its default branch. */
export const settingsPath = '.github/pullwright.yml';

const glob = text('a glob of paths', 500);
const labelName = text('a label', 50);
const agentName = matching(
  /^[a-z0-9][a-z0-9-]{0,63}$/,
  'the name of an agent: lower-case letters, digits and hyphens',
);
const branchName = matching(
  /^(?![-/.])(?!.*(\.\.|\/\/|@\{|\.lock(\/|$)))[^\s~^:?*[\\\p{Cc}]+(?<![/.])$/u,
  'the name of a branch',
);
const host = matching(
  /^[\w-]+(\.[\w-]+)+(:\d{1,5})?$/,
  'hosts such as pkgs.example.org or pkgs.example.org:8443',
);
/** Accepts a duration, and converts it to minutes. */
const duration = matching(/^[1-9]\d{0,3}(s|m|h)$/, 'a time such as 90s, 10m or 1h').transform(toMinutes);

const timeouts = z.strictObject(
  {
    setup: duration.prefault('10m').describe('Time for all setup commands together.'),
    test: duration.prefault('10m').describe('Time for one run of the tests.'),
    mutations: duration
      .prefault('2m')
      .describe('Time for the tests with mutations. It is also at most twice the time of all tests.'),
    command: duration.prefault('5m').describe("Time for one of the agent's commands."),
    run: duration
      .optional()
      .transform((minutes) => minutes ?? Number.MAX_SAFE_INTEGER)
      .describe("Time for the agent's whole work. The operator's limit is the default and the maximum."),
  },
  { error: 'a map with the keys `setup`, `test`, `mutations`, `command` and `run`' },
);

const secrets = z.strictObject(
  {
    allow: listOf(glob, 100, 'a list of globs')
      .default([])
      .describe('Globs of paths in which text that looks like a credential is allowed.'),
  },
  { error: 'a map with the key `allow`' },
);

/**
 * The settings file as people write it. Parsing it fills in the defaults. The JSON Schema for editors
 * (docs/pullwright.schema.json) is generated from this object, including the descriptions.
 */
export const SettingsFile = z.strictObject({
  labels: z
    .record(labelName, agentName, { error: 'pairs of a label and an agent' })
    .default({})
    .describe("Labels that start a run, each with its agent. The operator's labels apply too."),
  agent: orNull(agentName).describe(
    "The agent for requests that do not name an agent. By default, Pullwright chooses one based on the agents' descriptions.",
  ),
  effort: orNull(z.enum(efforts, { error: `one of ${efforts.join(', ')}` })).describe(
    "How much the model works on each reply. An agent's own effort comes first. By default, the operator's.",
  ),
  baseBranch: orNull(branchName).describe(
    'The branch that work starts from and pull requests go to. By default, the default branch.',
  ),
  setup: orNull(setup).describe(
    'Shell command that installs dependencies, or a list of several. An empty list means no commands. A map with `add` adds commands. By default, Pullwright detects the commands.',
  ),
  test: orNull(test).describe(
    'Shell command that runs the tests, or a list of several with name and folder. By default, Pullwright detects it.',
  ),
  services: orNull(services).describe(
    'Servers that the tests need: a list of images such as postgres:16, or a map of names. `none` or an empty list means none. By default, Pullwright detects them.',
  ),
  migrations: orNull(migrations).describe(
    'How Pullwright rehearses migrations of a change. `none` means that it does not. By default, it finds the tool and its commands.',
  ),
  env: variables
    .default({})
    .describe('Variables for every command, in addition to those that Pullwright detects.'),
  toolchains: toolchains
    .default({})
    .describe('Versions of toolchains, such as `node: 22`. By default, Pullwright detects them.'),
  timeouts: timeouts.prefault({}).describe('Times such as 90s, 10m or 1h.'),
  coverage: z
    .boolean({ error: 'true or false' })
    .default(true)
    .describe('Whether to measure which lines of a change run in tests. The tests run once more for that.'),
  queries: z
    .boolean({ error: 'true or false' })
    .default(true)
    .describe(
      'Whether to let PostgreSQL record the statements that the tests of a change run. Up to ten test files run once more for that, with and without the change.',
    ),
  mutations: z
    .int({ error: 'a number from 0 to 20' })
    .min(0, 'a number from 0 to 20')
    .max(20, 'a number from 0 to 20')
    .default(20)
    .describe(
      'How many small faults to put into the lines of a change, to see whether the tests notice them. 0 turns this off. It needs `coverage`.',
    ),
  egress: orNull(
    z.union([z.literal('none'), listOf(host, 20, 'a list of hosts')], {
      error: 'none, or a list of hosts such as pkgs.example.org or pkgs.example.org:8443',
    }),
  ).describe(
    'Hosts that setup needs in addition to the package registries. The operator must permit them. `none` means no network.',
  ),
  protectedPaths: listOf(glob, 100, 'a list of globs')
    .default([])
    .describe("Globs of paths that no agent may change. The operator's globs apply too."),
  secrets: secrets
    .prefault({})
    .describe(
      'Places where text that looks like a credential is allowed. Elsewhere it turns the pull request into a draft.',
    ),
  assignRequester: z
    .boolean({ error: 'true or false' })
    .default(false)
    .describe('Whether the bot assigns the issue to the person who asked for the work.'),
  resolveThreads: z
    .boolean({ error: 'true or false' })
    .default(false)
    .describe('Whether the bot resolves review threads after it has done what they asked for.'),
  draft: z
    .enum(['when-failing', 'always'], { error: 'when-failing or always' })
    .default('when-failing')
    .describe('always: every pull request starts as a draft. when-failing: only if something is wrong.'),
});

/**
 * A repository's settings. Defaults replace missing settings. If a setting is null, Pullwright or the
 * operator decides.
 */
export type Settings = Omit<z.output<typeof SettingsFile>, 'setup'> & {
  /** Commands in place of those that Pullwright finds. */
  setup: string[] | null;
  /** Commands in addition to those that Pullwright finds. */
  setupAdds: string[];
};
/**
 * Settings that were stored with a task. They are not validated again, because only parseSettings creates
 * them.
 */
export const Settings = z.custom<Settings>((value) => typeof value === 'object' && value !== null);

/** A fault in a settings file, for the person who wrote it. */
export interface SettingsFault {
  /**
   * The file and the setting, such as `.github/pullwright.yml: timeouts.test`. If the file is not valid YAML,
   * the file and the line, such as `.github/pullwright.yml:3`.
   */
  where: string;
  expected: string;
  found: string;
}

/**
 * Parses a settings file.
 * @param text the content of the file, or null if there is no file. Without a file, every setting has its
 * default.
 */
export function parseSettings(
  text: string | null,
  file = settingsPath,
): { settings: Settings } | { faults: SettingsFault[] } {
  const { value, fault } = parseYaml(text ?? '');
  if (fault) return { faults: [{ where: `${file}:${fault.line}`, expected: 'YAML', found: fault.message }] };
  const parsed = SettingsFile.safeParse(value ?? {});
  if (parsed.success) return { settings: splitSetup(parsed.data) };
  return { faults: parsed.error.issues.map((issue) => describeIssue(issue, value, file)) };
}

function splitSetup({ setup: commands, ...rest }: z.output<typeof SettingsFile>): Settings {
  const isMap = commands !== null && !Array.isArray(commands);
  return { ...rest, setup: isMap ? null : commands, setupAdds: isMap ? commands.add : [] };
}

/**
 * Returns whether a settings file maps this label to an agent. If the file has faults, reads as much of it as
 * possible. A label in a faulty file must count, because the person who added the label must be told about
 * the faults.
 */
export function namesLabel(text: string, label: string): boolean {
  const { labels } = z
    .object({ labels: z.record(z.string(), z.unknown()).catch({}) })
    .catch({ labels: {} })
    .parse(parseYaml(text).value);
  return Object.keys(labels).some((name) => name.toLowerCase() === label.toLowerCase());
}

/** Parses YAML. If there is a fault, `value` contains what could be read. */
function parseYaml(text: string): { value: unknown; fault: { line: number; message: string } | null } {
  if (isTooDeep(text)) return { value: null, fault: { line: 1, message: 'it is nested too deeply' } };
  const document = parseDocument(text, { logLevel: 'silent' });
  const [error] = document.errors;
  const describe = (message: string, line = 1) => ({ line, message: message.split('\n')[0] ?? '' });
  const fault = error ? describe(error.message, error.linePos?.[0].line) : null;
  try {
    // Aliases can make a value huge or circular. `maxAliasCount` rejects huge values, and `JSON.stringify`
    // rejects circular ones.
    return { value: JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: 20 }))), fault };
  } catch (thrown) {
    if (!(thrown instanceof ReferenceError || thrown instanceof TypeError)) throw thrown;
    return { value: null, fault: fault ?? describe(thrown.message) };
  }
}

function toMinutes(text: string): number {
  const unit = { s: 1 / 60, m: 1, h: 60 }[text.slice(-1) as 's' | 'm' | 'h'];
  return Number(text.slice(0, -1)) * unit;
}

function describeIssue(given: z.core.$ZodIssue, value: unknown, file: string): SettingsFault {
  const issue = findDeepest(given);
  if (issue.code === 'unrecognized_keys') {
    return {
      where: `${file}: ${[...issue.path, issue.keys[0]].join('.')}`,
      expected: `one of ${namesAt(issue.path).join(', ')}`,
      found: `the unknown name ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`,
    };
  }
  const found = issue.path.reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  );
  const expected = issue.code === 'invalid_key' ? issue.issues[0]?.message : issue.message;
  return {
    where: `${file}${issue.path.length > 0 ? `: ${issue.path.join('.')}` : ''}`,
    expected: issue.path.length === 0 ? 'a map of settings' : (expected ?? issue.message),
    found: (JSON.stringify(found) ?? 'nothing').slice(0, 200),
  };
}

/** If a value fits none of several forms, the one whose fault is deepest inside was meant. */
function findDeepest(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union') return issue;
  // An unknown name says more than the absence of a known one.
  const weigh = ({ path, code }: z.core.$ZodIssue) => path.length + (code === 'unrecognized_keys' ? 1.5 : 0);
  const [inner] = issue.errors
    .flatMap((issues) => issues.map(findDeepest))
    .filter((one) => weigh(one) > 0)
    .sort((a, b) => weigh(b) - weigh(a));
  return inner ? { ...inner, path: [...issue.path, ...inner.path] } : issue;
}

/** The names that the map at this place can have. */
function namesAt([section]: readonly PropertyKey[]): readonly string[] {
  if (section === 'timeouts') return Object.keys(timeouts.shape);
  if (section === 'secrets') return Object.keys(secrets.shape);
  const names: Record<string, readonly string[]> = namesOf;
  return names[String(section)] ?? Object.keys(SettingsFile.shape);
}
