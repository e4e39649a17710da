import { z } from 'zod';
import { literal, readJson } from '../databases/run-sql.js';
import { watchSchema } from './watch.js';

/** A column, as the catalog of Postgres describes it. */
const Column = z.object({
  /** Its number in the table. It stays the same if the column is renamed. */
  number: z.number(),
  name: z.string(),
  /** Its type, such as `character varying(200)`; if that is a domain, the type of the domain's values. */
  type: z.string(),
  notNull: z.boolean(),
  hasDefault: z.boolean(),
  /** Whether only the server can give it a value. */
  isGenerated: z.boolean(),
  /** The labels of its type, or of the type of its elements; null if this is no enum. */
  labels: z.array(z.string()).nullable(),
  /** The checks of its domain, in which the value is called VALUE. */
  domainChecks: z.array(z.string()),
});
export type Column = z.infer<typeof Column>;

const ForeignKey = z.object({
  columns: z.array(z.string()),
  /** Id of the table that it references. */
  table: z.string(),
  references: z.array(z.string()),
});
export type ForeignKey = z.infer<typeof ForeignKey>;

const Table = z.object({
  /** Its id. It stays the same if the table is renamed. */
  id: z.string(),
  schema: z.string(),
  name: z.string(),
  columns: z.array(Column),
  foreignKeys: z.array(ForeignKey),
  /** Conditions, with the columns that they use. */
  checks: z.array(z.object({ columns: z.array(z.string()), condition: z.string() })),
  /** Columns that no two rows have in common: of primary keys, unique indexes and exclusions. */
  unique: z.array(z.array(z.string())),
});
export type Table = z.infer<typeof Table>;

/** The schema of one database. */
export interface Schema {
  /** Tables that contain rows themselves. Partitions are in their parents. */
  tables: Table[];
  /**
   * One line per object, such as `column public.orders.note text not null`. Two databases with the same lines
   * have the same schema, apart from the order of columns.
   */
  lines: string[];
}

/** Tables in which tools record the migrations that have run. */
export const bookkeeping =
  /^(?:pgmigrations|knex_migrations(?:_lock)?|_prisma_migrations|sequelize(?:meta|data)|typeorm_metadata|kysely_migration(?:_lock)?|__drizzle_migrations(?:__)?|alembic_version|django_migrations|flyway_schema_history|ar_internal_metadata|goose_db_version|databasechangelog(?:lock)?|schema_versions?|(?:\w+_)?migrations?(?:_\w+)?)$/i;

const inRepository = (namespace: string) =>
  `${namespace}.nspname not in ('pg_catalog', 'information_schema', '${watchSchema}') and ${namespace}.nspname !~ '^pg_(?:toast|temp)'`;
const ofExtension = (catalog: string, id: string) =>
  `exists (select from pg_depend where classid = '${catalog}'::regclass and objid = ${id} and deptype = 'e')`;
const isKept = `${inRepository('n')} and not ${ofExtension('pg_class', 'c.oid')} and c.relname !~* ${literal(bookkeeping.source)}`;
const named = "quote_ident(n.nspname) || '.' || quote_ident(c.relname)";
const namesOf = (table: string, numbers: string) =>
  `(select coalesce(json_agg(a.attname order by keys.place), '[]') from unnest(${numbers}) with ordinality as keys(number, place)
    join pg_attribute a on a.attrelid = ${table} and a.attnum = keys.number)`;

const columns = `(select coalesce(json_agg(json_build_object(
    'number', a.attnum, 'name', a.attname,
    'type', case when t.typtype = 'd' then format_type(t.typbasetype, t.typtypmod) else format_type(a.atttypid, a.atttypmod) end,
    'notNull', a.attnotnull or t.typnotnull,
    'hasDefault', a.atthasdef or a.attidentity <> '' or t.typdefault is not null,
    'isGenerated', a.attgenerated <> '' or a.attidentity = 'a',
    'labels', (select json_agg(e.enumlabel order by e.enumsortorder) from pg_enum e
      where e.enumtypid in (a.atttypid, t.typbasetype, t.typelem)),
    'domainChecks', (select coalesce(json_agg(pg_get_expr(k.conbin, 0)), '[]') from pg_constraint k where t.typtype = 'd' and k.contypid = t.oid and k.contype = 'c')
  ) order by a.attnum), '[]') from pg_attribute a join pg_type t on t.oid = a.atttypid
  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)`;

/** Joins the catalogs of tables as `c` and of their schemas as `n`, and keeps the tables of a `Schema`. */
export const fromTables = `from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and not c.relispartition and ${isKept}`;

const tables = `select coalesce(json_agg(json_build_object(
  'id', c.oid::text, 'schema', n.nspname, 'name', c.relname, 'columns', ${columns},
  'foreignKeys', (select coalesce(json_agg(json_build_object('columns', ${namesOf('k.conrelid', 'k.conkey')},
      'table', k.confrelid::text, 'references', ${namesOf('k.confrelid', 'k.confkey')}) order by k.conname), '[]')
    from pg_constraint k where k.conrelid = c.oid and k.contype = 'f'),
  'checks', (select coalesce(json_agg(json_build_object('columns', ${namesOf('k.conrelid', 'k.conkey')},
      'condition', pg_get_expr(k.conbin, k.conrelid)) order by k.conname), '[]')
    from pg_constraint k where k.conrelid = c.oid and k.contype = 'c'),
  'unique', (select coalesce(json_agg((select coalesce(json_agg(distinct a.attname), '[]') from pg_attribute a
      where a.attrelid = c.oid and (a.attnum = any (i.indkey::int2[]) or exists (select from pg_depend d
        where d.objid = i.indexrelid and d.refobjid = c.oid and d.refobjsubid = a.attnum)))), '[]')
    from pg_index i where i.indrelid = c.oid and (i.indisunique or i.indisexclusion))
) order by c.oid), '[]')
${fromTables}`;

const lines = `select coalesce(json_agg(line order by line), '[]') from (
select 'schema ' || quote_ident(n.nspname) as line from pg_namespace n where ${inRepository('n')}
union all select case c.relkind when 'S' then 'sequence ' when 'v' then 'view ' when 'm' then 'materialized view '
    when 'f' then 'foreign table ' when 'c' then 'type ' else 'table ' end || ${named}
  || case when c.relrowsecurity then ' with row level security' else '' end
  || case when c.relkind in ('v', 'm') then ' ' || pg_get_viewdef(c.oid) else '' end
  || case when c.relispartition then ' ' || pg_get_expr(c.relpartbound, c.oid) else '' end
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'S', 'v', 'm', 'f', 'c') and ${isKept}
  and not exists (select from pg_depend d join pg_class o on o.oid = d.refobjid
    where d.objid = c.oid and d.deptype in ('a', 'i') and c.relkind = 'S' and o.relname ~* ${literal(bookkeeping.source)})
union all select 'column ' || ${named} || '.' || quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
  || case when a.attnotnull then ' not null' else '' end
  || case when a.attidentity <> '' then ' identity' else '' end
  || case when a.attgenerated <> '' then ' generated' else '' end
  || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
  from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
  left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
  where c.relkind in ('r', 'p', 'f', 'c') and a.attnum > 0 and not a.attisdropped and ${isKept}
union all select 'constraint ' || ${named} || ' ' || quote_ident(k.conname) || ' ' || pg_get_constraintdef(k.oid)
  from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
  where k.contype in ('p', 'u', 'f', 'c', 'x') and ${isKept}
union all select pg_get_indexdef(i.indexrelid) || case when i.indisvalid then '' else ' (invalid)' end
  from pg_index i join pg_class c on c.oid = i.indrelid
  join pg_namespace n on n.oid = c.relnamespace where ${isKept}
  and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))
union all select pg_get_triggerdef(t.oid) from pg_trigger t join pg_class c on c.oid = t.tgrelid
  join pg_namespace n on n.oid = c.relnamespace where not t.tgisinternal and ${isKept}
union all select 'policy ' || ${named} || ' ' || quote_ident(p.polname) || ' ' || p.polcmd::text || ' '
  || coalesce(pg_get_expr(p.polqual, c.oid), '') || ' ' || coalesce(pg_get_expr(p.polwithcheck, c.oid), '')
  from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace where ${isKept}
union all select 'function ' || p.oid::regprocedure::text || ' ' || md5(case p.prokind when 'a' then '' else pg_get_functiondef(p.oid) end)
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where ${inRepository('n')} and not ${ofExtension('pg_proc', 'p.oid')}
union all select 'type ' || t.oid::regtype::text || ' ' || case t.typtype
    when 'e' then 'enum (' || coalesce((select string_agg(quote_literal(enumlabel), ', ' order by enumsortorder) from pg_enum where enumtypid = t.oid), '') || ')'
    else 'domain ' || format_type(t.typbasetype, t.typtypmod) || case when t.typnotnull then ' not null' else '' end
      || coalesce((select string_agg(' ' || pg_get_constraintdef(k.oid), '' order by k.conname) from pg_constraint k where k.contypid = t.oid and k.contype = 'c'), '') end
  from pg_type t join pg_namespace n on n.oid = t.typnamespace
  where t.typtype in ('e', 'd') and ${inRepository('n')} and not ${ofExtension('pg_type', 't.oid')}
union all select 'extension ' || extname from pg_extension
) as all_lines`;

/** SQL that returns two rows of JSON: the tables and the lines of a `Schema`. */
export const describeSchemaSql = `set search_path = pg_catalog; ${tables}; ${lines}; reset search_path`;

export function readSchema([tables, lines]: (string | null)[][]): Schema {
  return {
    tables: readJson(z.array(Table), tables?.[0] ?? ''),
    lines: readJson(z.array(z.string()), lines?.[0] ?? ''),
  };
}

/** Returns the lines that only one of two schemas has. */
export function compareSchemas(before: Schema, after: Schema): { added: string[]; removed: string[] } {
  const [old, now] = [new Set(before.lines), new Set(after.lines)];
  return {
    added: after.lines.filter((line) => !old.has(line)),
    removed: before.lines.filter((line) => !now.has(line)),
  };
}

/** The name of a table for people. */
export function nameTable({ schema, name }: Pick<Table, 'schema' | 'name'>): string {
  return schema === 'public' ? name : `${schema}.${name}`;
}
