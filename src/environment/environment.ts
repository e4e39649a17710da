import { z } from 'zod';
import { toolchainNames } from '../task/toolchain-names.js';

/*
 * What a repository's files say about the environment that its tests need. This module only reads files. The
 * modules `toolchains` and `services` provide what this machine can.
 */

export { toolchainNames };

/** A version of a toolchain that the repository asks for. */
export const Toolchain = z.object({
  name: z.enum(toolchainNames),
  /** The version as the repository writes it, such as `22`, `>=18.12`, `lts/iron` or `3.11`. */
  version: z.string(),
  /** The file that asks for it. */
  source: z.string(),
});
export type Toolchain = z.infer<typeof Toolchain>;

/** The names of toolchains for people. */
export const displayNames: Record<Toolchain['name'], string> = {
  node: 'Node',
  python: 'Python',
  go: 'Go',
  java: 'Java',
  ruby: 'Ruby',
  php: 'PHP',
  rust: 'Rust',
  dotnet: '.NET',
  bun: 'Bun',
  deno: 'Deno',
};

const serviceKinds = [
  'postgres',
  'mysql',
  'mariadb',
  'redis',
  'mongodb',
  'memcached',
  'rabbitmq',
  'elasticsearch',
  'other',
] as const;

/** A server that the tests connect to, such as a database. */
export const Service = z.object({
  /** The name in the file, such as `db`. */
  name: z.string(),
  /** `other` if this code does not know the image. */
  kind: z.enum(serviceKinds),
  /** The container image, such as `postgres:16-alpine`. */
  image: z.string(),
  /** The version that the image's tag names, such as `16` or `7.2`; null if the tag names none. */
  version: z.string().nullable(),
  /** The names by which the tests may reach the server, besides `localhost`. */
  hosts: z.array(z.string()),
  /** The ports on which the tests may reach the server. The first one is the server's own port. */
  ports: z.array(z.number()),
  /** The environment of the container, such as `POSTGRES_PASSWORD`. */
  variables: z.record(z.string(), z.string()),
  /** Additional arguments of the server's program. */
  arguments: z.array(z.string()),
  /** Files of the repository that its container runs when it starts for the first time. */
  initScripts: z.array(z.string()).optional(),
  /** The file that asks for it. */
  source: z.string(),
});
export type Service = z.infer<typeof Service>;

/** A command as the repository's CI calls it, such as one that runs tests. */
export const CiTest = z.object({
  command: z.string(),
  /** The working directory, relative to the root of the repository; '' is the root. */
  folder: z.string(),
  source: z.string(),
});
export type CiTest = z.infer<typeof CiTest>;

export const Environment = z.object({
  toolchains: z.array(Toolchain),
  services: z.array(Service),
  /** Environment variables for every command. They contain no secret. */
  variables: z.record(z.string(), z.string()),
  /** The package manager that CI or a file asks for, such as `pnpm@9`; null if none does. */
  packageManager: z.string().nullable(),
  /** Commands with which CI installs dependencies, such as `npm ci --legacy-peer-deps`. */
  installs: z.array(CiTest),
  /** Shell commands that CI runs after the installation and before the tests, such as a build. */
  preparation: z.array(CiTest),
  tests: z.array(CiTest),
  /** What was found where, such as `Postgres 16 and Redis 7 from .github/workflows/ci.yml`. */
  found: z.array(z.string()),
  /** What could not be understood, one sentence each. */
  unclear: z.array(z.string()),
});
export type Environment = z.infer<typeof Environment>;

/** The environment of a repository that asks for nothing. */
export const emptyEnvironment: Environment = {
  toolchains: [],
  services: [],
  variables: {},
  packageManager: null,
  installs: [],
  preparation: [],
  tests: [],
  found: [],
  unclear: [],
};
