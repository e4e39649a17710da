import { z } from 'zod';
import type { Limits } from '../runs/admission.js';
import { backendNames } from '../sandbox/sandbox.js';

const list = (text: string) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

/** A list of parts that have a shape of their own. */
const listOf = <Part>(
  shape: RegExp,
  { expected, read }: { expected: string; read: (match: RegExpExecArray) => Part },
) =>
  z
    .string()
    .default('')
    .transform((text, context) =>
      list(text).flatMap((part) => {
        const match = shape.exec(part);
        if (match) return [read(match)];
        context.addIssue({ code: 'custom', message: `${expected}, with commas between, not "${part}"` });
        return [];
      }),
    );

const limitNames = ['at-once', 'runs', 'tokens', 'dollars'] as const;

const limits = (usual: string) =>
  z
    .string()
    .default(usual)
    .transform((text, context): Limits => {
      const given = new Map<string, number>();
      for (const part of list(text)) {
        const [, name = '', number] = /^([a-z-]+)=(\d+(?:\.\d+)?)$/.exec(part) ?? [];
        if ((limitNames as readonly string[]).includes(name) && Number(number) > 0)
          given.set(name, Number(number));
        else
          context.addIssue({
            code: 'custom',
            message: `pairs name=number of ${limitNames.join(', ')}, with commas between, not "${part}"`,
          });
      }
      const read = (name: (typeof limitNames)[number]) => given.get(name) ?? null;
      return {
        atOnce: read('at-once'),
        runs: read('runs'),
        tokens: read('tokens'),
        dollars: read('dollars'),
      };
    });

const hostOf = (host: string, port: string | undefined) => ({
  host: host.toLowerCase(),
  port: Number(port ?? 443),
});

const positive = (unit: string) =>
  z.coerce
    .number({ error: `a number of ${unit} above 0` })
    .positive({ error: `a number of ${unit} above 0` });

const whole = (what: string) =>
  z.coerce.number({ error: what }).int({ error: what }).positive({ error: what });

/** Secrets that everybody knows; the first is what Probot falls back to by itself. */
const knownSecrets = new Set([
  'development',
  'changeme',
  'password',
  'webhook-secret',
  'your-webhook-secret',
]);

/** The variables of the environment, by their names: what each may be, and what it is when it is not set. */
export const Environment = z.object({
  APP_ID: whole("the App's number, from its settings page"),
  PRIVATE_KEY: z.string().optional(),
  PRIVATE_KEY_PATH: z.string().optional(),
  WEBHOOK_SECRET: z
    .string({ error: 'the secret that the App signs its webhooks with' })
    .refine((secret) => secret.length >= 8 && !knownSecrets.has(secret.toLowerCase()), {
      error: 'a secret of 8 or more characters that nobody knows (for example from: openssl rand -hex 32)',
    }),
  GHE_HOST: z
    .string()
    .regex(/^[A-Za-z0-9.-]+(:\d+)?$/, {
      error: 'a host name without protocol or path, such as ghe.example.org',
    })
    .optional(),
  GHE_PROTOCOL: z.enum(['http', 'https'], { error: 'http or https' }).default('https'),
  HOST: z.string().default('0.0.0.0'),
  PORT: z.coerce
    .number({ error: 'a port, 0 to 65535' })
    .int({ error: 'a port, 0 to 65535' })
    .min(0, { error: 'a port, 0 to 65535' })
    .max(65_535, { error: 'a port, 0 to 65535' })
    .default(3000),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal'], {
      error: 'one of trace, debug, info, warn, error, fatal',
    })
    .default('info'),
  WEBHOOK_PROXY_URL: z.url({ error: 'a URL of a webhook proxy channel' }).optional(),
  ANTHROPIC_API_KEY: z
    .string({ error: 'your key for the Claude API' })
    .min(1, { error: 'your key for the Claude API' }),
  ANTHROPIC_BASE_URL: z.url({ error: 'a URL' }).optional(),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, { error: 'a postgresql:// URL' })
    .optional(),
  PULLWRIGHT_HOME: z.string().optional(),
  PULLWRIGHT_AGENTS: z.string().optional(),
  PULLWRIGHT_MODEL: z.string().default('sonnet'),
  PULLWRIGHT_LABELS: z
    .string()
    .default('backend=backend-developer')
    .transform((text, context) => {
      const labels: Record<string, string> = {};
      for (const pair of list(text)) {
        const at = pair.lastIndexOf('=');
        if (at < 1 || at === pair.length - 1) {
          context.addIssue({
            code: 'custom',
            message: `pairs label=agent with commas between, not "${pair}"`,
          });
          return z.NEVER;
        }
        labels[pair.slice(0, at).trim()] = pair.slice(at + 1).trim();
      }
      return labels;
    }),
  REPOSITORY_AGENTS: z.enum(['none', 'allow'], { error: 'none or allow' }).default('none'),
  REPOSITORY_AGENT_TOOLS: z.string().default('').transform(list),
  PULLWRIGHT_CONCURRENCY: whole('a number of runs at once, 1 or more').default(2),
  MODEL_IDLE_TIMEOUT_SECONDS: positive('seconds').default(120),
  WORKER_DEAD_AFTER_SECONDS: positive('seconds').default(30),
  SANDBOX: z.enum(backendNames, { error: `one of ${backendNames.join(', ')}` }).default('bubblewrap'),
  SANDBOX_IMAGE: z.string().optional(),
  SANDBOX_ENGINE: z.enum(['docker', 'podman'], { error: 'docker or podman' }).optional(),
  SANDBOX_TOOL_PATHS: z.string().default('').transform(list),
  SANDBOX_MEMORY_MB: whole('a number of megabytes').default(4096),
  SANDBOX_PROCESSES: whole('a number of processes').default(2048),
  SANDBOX_DISK_MB: whole('a number of megabytes').default(10_240),
  SANDBOX_FILES: whole('a number of files').default(1_000_000),
  SANDBOX_OUTPUT_MB: whole('a number of megabytes').default(32),
  SANDBOX_COMMAND_MINUTES: positive('minutes').default(60),
  EGRESS_ALLOW: listOf(/^(?:([\w.-]+\/(?:[\w.-]+|\*))=)?((?:\*\.)?[\w.-]+)(?::(\d{1,5}))?$/, {
    expected: 'hosts such as pkgs.example.org, *.example.org:8443, or owner/name=pkgs.example.org',
    read: ([, repository, host = '', port]) => ({ repository: repository ?? null, ...hostOf(host, port) }),
  }),
  EGRESS_REQUESTABLE: listOf(/^((?:\*\.)?[\w.-]+)(?::(\d{1,5}))?$/, {
    expected: 'hosts such as pkgs.example.org or *.example.org:8443',
    read: ([, host = '', port]) => hostOf(host, port),
  }),
  EGRESS_DENIED_REPOSITORIES: listOf(/^[\w.-]+\/(?:[\w.-]+|\*)$/, {
    expected: 'repositories such as owner/name or owner/*',
    read: ([repository]) => repository,
  }),
  EGRESS: z.enum(['registries', 'none'], { error: 'registries or none' }).default('registries'),
  PROTECTED_PATHS: z.string().default('').transform(list),
  RECONCILE_MINUTES: positive('minutes').default(10),
  MAX_CI_FIX_RUNS: z.coerce
    .number({ error: 'a number of runs, 0 for none' })
    .int({ error: 'a number of runs, 0 for none' })
    .min(0, { error: 'a number of runs, 0 for none' })
    .default(2),
  QUESTION_REMIND_HOURS: positive('hours').default(72),
  QUESTION_CLOSE_DAYS: positive('days').default(14),
  KEEP_DAYS: whole('a number of days, 1 or more').default(90),
  MIRRORS_GB: positive('gigabytes').default(20),
  LIMITS_USER: limits('at-once=10, runs=50'),
  LIMITS_REPOSITORY: limits('at-once=20, runs=100'),
  LIMITS_SERVER: limits('runs=200, dollars=200'),
  BUDGET_TURNS: whole('a number of turns').default(80),
  BUDGET_TOKENS: whole('a number of tokens').default(8_000_000),
  BUDGET_DOLLARS: positive('dollars').default(5),
  BUDGET_MINUTES: positive('minutes').default(60),
});
