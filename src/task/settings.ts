import { parseDocument } from 'yaml';
import { z } from 'zod';

/** A target repository's settings; every field has a default. */
export const Settings = z.object({
  /** Label -> agent name. Added to the operator's map. */
  labels: z.record(z.string(), z.string()),
  /** Branch that work starts from and pull requests go to; null: the default branch. */
  baseBranch: z.string().nullable(),
  /** Shell commands that install dependencies; null: found by looking at the repository; []: none. */
  setup: z.array(z.string()).nullable(),
  /** Shell command that runs the tests; null: found by looking at the repository. */
  test: z.string().nullable(),
  /** Limits in minutes. */
  timeouts: z.object({ setup: z.number(), test: z.number(), command: z.number(), run: z.number() }),
  /** Hosts that set-up needs beside the registries, `host` or `host:port`; `none`: no network; null: nothing is asked. */
  egress: z
    .union([z.literal('none'), z.array(z.string())])
    .nullable()
    .default(null),
  /** Globs of paths that the agent may not change, on top of the operator's. */
  protectedPaths: z.array(z.string()),
  /** Does the work where no label and nobody says who; null: chosen by their descriptions. */
  agent: z.string().nullable().default(null),
  /** Whether review threads are resolved where what they asked for was done. */
  resolveThreads: z.boolean().default(false),
  /** `when-failing`: a draft only where something is wrong; `always`: every pull request starts as a draft. */
  draft: z.enum(['when-failing', 'always']),
});
export type Settings = z.infer<typeof Settings>;

/** Where a repository keeps them, on its default branch. */
export const settingsPath = '.github/pullwright.yml';

const duration = z
  .string({ error: 'a time such as 90s, 10m or 1h' })
  .regex(/^[1-9]\d{0,3}(s|m|h)$/, { error: 'a time such as 90s, 10m or 1h' });
const command = z.string({ error: 'a shell command' }).trim().min(1, { error: 'a shell command' }).max(2000);
const glob = z.string({ error: 'a glob of paths' }).min(1, { error: 'a glob of paths' }).max(500);
const labelName = z.string().min(1).max(50);
const agentName = z.string({ error: 'the name of an agent' }).regex(/^[a-z0-9][a-z0-9-]{0,63}$/, {
  error: 'the name of an agent: lower-case letters, digits and hyphens',
});

/** The file as people write it. Its JSON Schema for editors, docs/pullwright.schema.json, is made from this. */
export const SettingsFile = z.strictObject({
  labels: z
    .record(labelName, agentName, { error: 'pairs of a label and an agent' })
    .optional()
    .describe("label: agent; added to the operator's"),
  agent: agentName.optional().describe('does the work where no label and nobody says who'),
  baseBranch: z
    .string({ error: 'the name of a branch' })
    .regex(/^(?![-/.])(?!.*(\.\.|\/\/|@\{|\.lock(\/|$)))[^\s~^:?*[\\\p{Cc}]+(?<![/.])$/u, {
      error: 'the name of a branch',
    })
    .optional()
    .describe('where work starts and pull requests go; the default branch if absent'),
  setup: z
    .array(command, { error: 'a list of shell commands' })
    .max(20)
    .optional()
    .describe('shell commands that install dependencies; found by looking if absent; [] for none'),
  test: command.optional().describe('shell command that runs the tests; found by looking if absent'),
  timeouts: z
    .strictObject(
      {
        setup: duration.optional().describe('all set-up commands together; 10m if absent'),
        test: duration.optional().describe('one run of the tests; 10m if absent'),
        command: duration.optional().describe("one of the agent's commands; 5m if absent"),
        run: duration
          .optional()
          .describe("the agent's whole work; the operator's limit if absent, and never above it"),
      },
      { error: 'a map with setup, test, command, run' },
    )
    .optional(),
  egress: z
    .union(
      [
        z.literal('none'),
        z
          .array(
            z.string().regex(/^[\w-]+(\.[\w-]+)+(:\d{1,5})?$/, {
              error: 'hosts such as pkgs.example.org or pkgs.example.org:8443',
            }),
          )
          .max(20),
      ],
      { error: 'none, or a list of hosts such as pkgs.example.org or pkgs.example.org:8443' },
    )
    .optional()
    .describe(
      'hosts that set-up needs beside the package registries, within what the operator holds out; none for no network',
    ),
  protectedPaths: z
    .array(glob, { error: 'a list of globs' })
    .max(100)
    .optional()
    .describe("paths that no agent may change, on top of the operator's"),
  resolveThreads: z
    .boolean({ error: 'true or false' })
    .optional()
    .describe('true: review threads are resolved where what they asked for was done; false if absent'),
  draft: z
    .enum(['when-failing', 'always'], { error: 'when-failing or always' })
    .optional()
    .describe('always: every pull request starts as a draft; when-failing if absent'),
});
type SettingsFile = z.infer<typeof SettingsFile>;

/** What is wrong in a settings file, for the person who wrote it. */
export interface SettingsFault {
  /** `.github/pullwright.yml: timeouts.test`, or with a line where it is no YAML. */
  where: string;
  expected: string;
  found: string;
}

/** @param text of the file; null: there is none, and everything has its default */
export function parseSettings(
  text: string | null,
  file = settingsPath,
): { settings: Settings } | { faults: SettingsFault[] } {
  if (text === null) return { settings: fill({}) };
  const document = parseDocument(text, { logLevel: 'error', maxAliasCount: 20 } as object);
  const [fault] = document.errors;
  if (fault) {
    const line = fault.linePos?.[0].line ?? 1;
    return {
      faults: [{ where: `${file}:${line}`, expected: 'YAML', found: fault.message.split('\n')[0] ?? '' }],
    };
  }
  const value: unknown = document.toJS({ maxAliasCount: 20 }) ?? {};
  const parsed = SettingsFile.safeParse(value);
  if (parsed.success) return { settings: fill(parsed.data) };
  return { faults: parsed.error.issues.map((issue) => describeIssue(issue, value, file)) };
}

/**
 * Whether a settings file gives this label to an agent. A file with faults is read as far as it goes: who labels an
 * issue has to be told of the faults, not met with silence.
 */
export function namesLabel(text: string, label: string): boolean {
  const { labels } = z
    .object({ labels: z.record(z.string(), z.unknown()).catch({}) })
    .catch({ labels: {} })
    .parse(parseDocument(text, { logLevel: 'silent' }).toJS({ maxAliasCount: 20 }));
  return Object.keys(labels).some((name) => name.toLowerCase() === label.toLowerCase());
}

function fill(file: SettingsFile): Settings {
  const minutes = (text: string | undefined, otherwise: number) => (text ? toMinutes(text) : otherwise);
  return {
    labels: file.labels ?? {},
    agent: file.agent ?? null,
    baseBranch: file.baseBranch ?? null,
    setup: file.setup ?? null,
    test: file.test ?? null,
    timeouts: {
      setup: minutes(file.timeouts?.setup, 10),
      test: minutes(file.timeouts?.test, 10),
      command: minutes(file.timeouts?.command, 5),
      run: minutes(file.timeouts?.run, Number.MAX_SAFE_INTEGER),
    },
    egress: file.egress ?? null,
    protectedPaths: file.protectedPaths ?? [],
    resolveThreads: file.resolveThreads ?? false,
    draft: file.draft ?? 'when-failing',
  };
}

function toMinutes(text: string): number {
  const unit = { s: 1 / 60, m: 1, h: 60 }[text.slice(-1) as 's' | 'm' | 'h'];
  return Number(text.slice(0, -1)) * unit;
}

function describeIssue(issue: z.core.$ZodIssue, value: unknown, file: string): SettingsFault {
  if (issue.code === 'unrecognized_keys') {
    const known =
      issue.path.length === 0 ? Object.keys(SettingsFile.shape) : ['setup', 'test', 'command', 'run'];
    return {
      where: `${file}: ${[...issue.path, issue.keys[0]].join('.')}`,
      expected: `one of ${known.join(', ')}`,
      found: `the unknown name ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`,
    };
  }
  const found = issue.path.reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  );
  return {
    where: `${file}${issue.path.length > 0 ? `: ${issue.path.join('.')}` : ''}`,
    expected: issue.path.length === 0 ? 'a map of settings' : issue.message,
    found: (JSON.stringify(found) ?? 'nothing').slice(0, 200),
  };
}
