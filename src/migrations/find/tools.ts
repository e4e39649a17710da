/** A program that runs migrations. An entry contains only data, so that a new tool needs no other change. */
export interface MigrationTool {
  name: string;
  /** Matches the paths of migrations. */
  files: RegExp;
  /** npm packages of projects that use the tool. */
  packages: readonly string[];
  /** A file beside or above the migrations of projects that use the tool; null if a package shows it. */
  marker: string | null;
  /** Matches the program in a command; null if only a script of the repository runs the migrations. */
  program: RegExp | null;
  /** The words after the program that apply all migrations that are new. */
  up: string;
  /** The words that undo the last migration; null if the tool cannot. */
  down: string | null;
  /** The command if neither CI nor a script names one; null if Pullwright then runs the SQL itself. */
  command: string | null;
  /** Matches the text of a migration that says that it cannot be undone. */
  irreversible: RegExp | null;
  /** The command that puts the repository's own rows in; null if only a script can. */
  seed: string | null;
}

const none = { packages: [], marker: null, irreversible: null, seed: null };
const scripts = '[^/]+\\.(?:[cm]?js|[cm]?ts)$';
const inMigrations = new RegExp(`(?:^|/)migrations?/(?:[^/]+/)*${scripts}`);
/** A migration whose `down` only throws, as people write it for a step without a way back. */
const throws = /\bdown\b[^{]*\{\s*(?:\/\/[^\n]*\s*)?throw\b|\bdown\s*=\s*false\b|\bdown\s*:\s*false\b/;

/** The first tool that fits counts. */
export const migrationTools: readonly MigrationTool[] = [
  {
    ...{ ...none, name: 'node-pg-migrate', packages: ['node-pg-migrate'], program: /\bnode-pg-migrate\b/ },
    files: /(?:^|\/)migrations?\/[^/]+\.(?:[cm]?js|[cm]?ts|sql)$/,
    ...{ up: 'up', down: 'down', command: 'node-pg-migrate up', irreversible: throws },
  },
  {
    ...{ ...none, name: 'Prisma', packages: ['prisma', '@prisma/client'], program: /\bprisma\b/ },
    files: /(?:^|\/)migrations\/[^/]+\/migration\.sql$/,
    ...{ up: 'migrate deploy', down: null, command: 'prisma migrate deploy', seed: 'prisma db seed' },
  },
  {
    ...{ ...none, name: 'Drizzle', packages: ['drizzle-kit', 'drizzle-orm'], program: /\bdrizzle-kit\b/ },
    files: /(?:^|\/)(?:drizzle|migrations?)\/(?:[^/]+\/)*[^/]+\.sql$/,
    ...{ up: 'migrate', down: null, command: 'drizzle-kit migrate' },
  },
  {
    ...{ ...none, name: 'MikroORM', packages: ['@mikro-orm/migrations'], program: /\bmikro-orm(?:-esm)?\b/ },
    files: inMigrations,
    ...{
      up: 'migration:up',
      down: 'migration:down',
      command: 'mikro-orm migration:up',
      irreversible: throws,
    },
  },
  {
    ...{ ...none, name: 'TypeORM', packages: ['typeorm'], program: /\btypeorm(?:-ts-node-\w+)?\b/ },
    files: inMigrations,
    ...{
      up: 'migration:run',
      down: 'migration:revert',
      command: 'typeorm migration:run',
      irreversible: throws,
    },
  },
  {
    ...{ ...none, name: 'Kysely', packages: ['kysely-ctl', 'kysely'], program: /\bkysely\b/ },
    files: inMigrations,
    ...{ up: 'migrate:latest', down: 'migrate:down', command: 'kysely migrate:latest', irreversible: throws },
  },
  {
    ...{ ...none, name: 'Knex', packages: ['knex'], program: /\bknex\b/ },
    files: inMigrations,
    ...{ up: 'migrate:latest', down: 'migrate:down', command: 'knex migrate:latest', irreversible: throws },
    seed: 'knex seed:run',
  },
  {
    ...{ ...none, name: 'Sequelize', packages: ['sequelize-cli', 'sequelize'] },
    ...{ files: inMigrations, program: /\bsequelize(?:-cli)?\b/, up: 'db:migrate', down: 'db:migrate:undo' },
    ...{ command: 'sequelize-cli db:migrate', irreversible: throws, seed: 'sequelize-cli db:seed:all' },
  },
  {
    ...{ ...none, name: 'Umzug', packages: ['umzug'], program: null },
    files: /(?:^|\/)migrations?\/(?:[^/]+\/)*[^/]+\.(?:[cm]?js|[cm]?ts|sql)$/,
    ...{ up: 'up', down: 'down', command: null, irreversible: throws },
  },
  {
    ...{ ...none, name: 'db-migrate', packages: ['db-migrate'], program: /\bdb-migrate\b/ },
    files: inMigrations,
    ...{ up: 'up', down: 'down', command: 'db-migrate up', irreversible: throws },
  },
  {
    ...{ ...none, name: 'Alembic', marker: 'alembic.ini', program: /\balembic\b/ },
    files: /(?:^|\/)versions\/[^/]+\.py$/,
    ...{ up: 'upgrade head', down: 'downgrade -1', command: 'alembic upgrade head' },
    irreversible: /def downgrade\b[^:]*:\s*raise\b/,
  },
  {
    ...{ ...none, name: 'Django', marker: 'manage.py', program: /\bmanage\.py\b/ },
    files: /(?:^|\/)migrations\/\d+[^/]*\.py$/,
    ...{ up: 'migrate', down: null, command: 'python manage.py migrate --noinput' },
  },
  {
    ...{ ...none, name: 'Rails', marker: 'Rakefile', program: /\b(?:rails|rake)\b/ },
    files: /(?:^|\/)db\/migrate\/[^/]+\.rb$/,
    ...{ up: 'db:migrate', down: 'db:rollback', command: 'bin/rails db:migrate', seed: 'bin/rails db:seed' },
    irreversible: /IrreversibleMigration/,
  },
  {
    ...{ ...none, name: 'Flyway', program: /\bflyway\b/ },
    files: /(?:^|\/)V[\d._]+__[^/]+\.sql$/,
    ...{ up: 'migrate', down: null, command: null },
  },
  {
    ...{ ...none, name: 'Liquibase', program: /\bliquibase\b/ },
    files: /(?:^|\/)(?:db\/)?changelogs?\/(?:[^/]+\/)*[^/]+\.(?:xml|ya?ml|json|sql)$/,
    ...{ up: 'update', down: 'rollback-count 1', command: 'liquibase update' },
  },
  {
    // Also golang-migrate, goose, dbmate and others that run SQL: see read-sql-migration.ts.
    ...{ ...none, name: 'SQL files', program: /\b(?:migrate|goose|dbmate)\b/ },
    files: /(?:^|\/)(?:migrations?|migrate)\/(?:[^/]+\/)*[^/]+\.sql$/,
    ...{ up: 'up', down: 'down 1', command: null },
  },
];
