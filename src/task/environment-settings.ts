import { z } from 'zod';
import { listOf, matching, orNull, text } from './settings-values.js';
import { toolchainNames } from './toolchain-names.js';

/* The settings that say what a repository's tests need, and how they are run. */

const command = text('a shell command', 2000);
const image = matching(/^[\w][\w./:@-]{0,299}$/, 'an image such as postgres:16');
const variable = matching(/^[A-Za-z_][A-Za-z0-9_]{0,199}$/, 'the name of a variable');
const value = z
  .union(
    [
      z
        .string()
        .max(10_000)
        .refine((text) => !text.includes('\0'), { error: 'a text without NUL' }),
      z.number(),
      z.boolean(),
    ],
    { error: 'a text, a number, true or false' },
  )
  .transform(String);
const folder = matching(
  /^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$))[^\p{Cc}]{1,500}$/u,
  'a folder relative to the root of the repository',
).transform((path) => path.replace(/^(?:\.(?:\/|$))+|\/+$/g, ''));

export const variables = z.record(variable, value, { error: 'pairs of a variable and its value' });

const port = z
  .union(
    [z.int().min(1).max(65535), matching(/^\d{1,5}(?::\d{1,5})?$/, 'a port such as 5432 or "5433:5432"')],
    {
      error: 'a port such as 5432 or "5433:5432"',
    },
  )
  .transform(String);
const serviceKeys = {
  image: image.describe('The container image. Its name and its tag say which server it is.'),
  env: variables.default({}).describe('Variables of the container, such as POSTGRES_PASSWORD.'),
  ports: listOf(port, 10, 'a list of ports').default([]).describe('Ports on which tests reach the server.'),
};
const service = z.strictObject(serviceKeys, {
  error: 'an image, or a map with the keys `image`, `env` and `ports`',
});
const fromImage = (name: string) => ({
  image: name,
  env: {} as Record<string, string>,
  ports: [] as string[],
});

/** A service of the settings. Its name is null if the settings only list its image. */
export interface ServiceSetting {
  name: string | null;
  image: string;
  env: Record<string, string>;
  /** Ports as Docker writes them, such as `5433:5432`. */
  ports: string[];
}

const listedServices = listOf(image, 20, 'a list of images').transform((images) =>
  images.map((name): ServiceSetting => ({ name: null, ...fromImage(name) })),
);
const namedServices = z
  .record(
    matching(/^[A-Za-z0-9][\w.-]{0,62}$/, 'the name of a service'),
    z.union([image.transform(fromImage), service]),
  )
  .transform((map) => Object.entries(map).map(([name, one]): ServiceSetting => ({ name, ...one })));

export const services = z.union(
  [z.literal('none').transform((): ServiceSetting[] => []), listedServices, namedServices],
  { error: '`none`, a list of images such as postgres:16, or a map of names' },
);

/** YAML reads 3.10 without quotes as the number 3.1. */
const version = z
  .union([matching(/^[^\p{Cc}]{1,100}$/u, 'a version'), z.int().nonnegative()], {
    error: 'a version such as 22 or "3.10"; put a version with a point in quotes',
  })
  .transform(String);

export const toolchains = z.partialRecord(
  z.enum(toolchainNames, { error: `one of ${toolchainNames.join(', ')}` }),
  version,
  { error: 'pairs of a toolchain and its version' },
);

const commands = listOf(command, 20, 'a list of shell commands');
export const setupKeys = {
  add: commands.describe('Shell commands that run after those that Pullwright finds.'),
};
export const setup = z.union([command.transform((one) => [one]), commands, z.strictObject(setupKeys)], {
  error: 'a shell command, a list of shell commands, or a map with the key `add`',
});

export const testKeys = {
  name: text('a name', 100)
    .nullish()
    .transform((name) => name ?? null)
    .describe('The name of the suite, for people.'),
  folder: folder
    .default('')
    .describe('The folder in which the command runs. By default, the root of the repository.'),
  command: command.describe('Shell command that runs the suite.'),
};
const suite = z.strictObject(testKeys, { error: 'a map with the keys `name`, `folder` and `command`' });

/** A command of the settings that runs tests. */
export type TestSetting = z.output<typeof suite>;

export const test = z.union(
  [
    command.transform((one): TestSetting[] => [{ name: null, folder: '', command: one }]),
    listOf(suite, 20, 'a list of commands').min(1, { error: 'a list of at least one command' }),
  ],
  { error: 'a shell command of 1 to 2000 characters, or a list of maps with `name`, `folder` and `command`' },
);

const migrationKeys = {
  folder: orNull(folder).describe('The folder with the migrations. By default, Pullwright finds them.'),
  up: orNull(command).describe('Shell command that applies all migrations that are new.'),
  down: orNull(command).describe('Shell command that undoes the last migration.'),
  seed: orNull(command).describe("Shell command that puts the repository's own rows in."),
};

export const migrations = z.union([z.literal('none'), z.strictObject(migrationKeys)], {
  error: '`none`, or a map with the keys `folder`, `up`, `down` and `seed`',
});

/** The names that a map of these settings can have, for messages. */
export const namesOf = {
  migrations: Object.keys(migrationKeys),
  services: Object.keys(serviceKeys),
  setup: Object.keys(setupKeys),
  test: Object.keys(testKeys),
  toolchains: [...toolchainNames],
};
