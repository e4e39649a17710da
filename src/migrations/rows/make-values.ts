import { literal } from '../../databases/run-sql.js';
import type { Column } from '../describe-schema.js';

/** How many different values a column gets that may repeat values. */
const fewValues = 50;

interface Wish {
  /** Whether each row needs another value. */
  isUnique: boolean;
  /** The column's number. Later columns get greater values, because an end often comes after a start. */
  position: number;
}

/**
 * Returns an SQL expression for the value of a column in the row `s.i`, which counts from 1; null if this
 * code does not know the type.
 */
export function makeValue({ type, labels }: Pick<Column, 'type' | 'labels'>, wish: Wish): string | null {
  if (type.endsWith('[]')) {
    const element = makeValue({ type: type.slice(0, -2), labels }, wish);
    return element === null ? null : `array[${element}]::${type}`;
  }
  if (labels)
    return labels.length === 0
      ? null
      : `(array[${labels.map(literal).join(', ')}])[1 + s.i % ${labels.length}]::${type}`;
  const [, name = '', first = '', second = '', rest = ''] =
    /^([^(]+?)(?:\((\d+)(?:,\s*(\d+))?\))?( with(?:out)? time zone)?$/.exec(type) ?? [];
  const plain = `${name.replace(/^.*\./, '').replaceAll('"', '')}${rest}`;
  const value = makers[plain]?.({
    ...wish,
    length: first ? Number(first) : null,
    scale: Number(second || 0),
  });
  return value === undefined ? null : `(${value})::${type}`;
}

type Maker = (wish: Wish & { length: number | null; scale: number }) => string;

/** A number that repeats unless it must not. */
const count = ({ isUnique, position }: Wish) => (isUnique ? 's.i' : `1 + s.i % ${fewValues} + ${position}`);
const turn = ({ isUnique }: Wish) => (isUnique ? 's.i' : `s.i % ${fewValues}`);

const text: Maker = (wish) => {
  const { length } = wish;
  if (length === null || length >= 16) return `'value ' || ${turn(wish)}`;
  if (!wish.isUnique) return `left('v' || ${turn(wish)}, ${length})`;
  const places = Array.from({ length: Math.min(length, 6) }, (_, place) => 36 ** place).reverse();
  return places.map((place) => `substr('${signs}', 1 + s.i / ${place} % 36, 1)`).join(' || ');
};
/** As many as possible, because a short text with few signs repeats soon. */
const signs = '0123456789abcdefghijklmnopqrstuvwxyz';
const numeric: Maker = (wish) => {
  const { length, scale, isUnique } = wish;
  if (length === null) return count(wish);
  const digits = length - scale;
  if (digits <= 0) return `(s.i % ${10 ** Math.min(scale, 9)})::numeric / 1${'0'.repeat(scale)}`;
  const most = 10 ** Math.min(digits, 9) - 1;
  return isUnique || most < 100 ? `s.i % ${most}` : count(wish);
};
const day = (wish: Wish) => `date '2020-01-01' + ((${turn(wish)}) + ${wish.position})::integer`;
const moment = (kind: string) => (wish: Wish) =>
  `${kind} '2020-01-01' + (${turn(wish)}) * interval '1 hour' + interval '${wish.position} days'`;
const hash = (wish: Wish) => `md5('${wish.position} ' || ${turn(wish)})`;
const address = (wish: Wish) =>
  `'10.' || (${turn(wish)}) / 65536 % 256 || '.' || (${turn(wish)}) / 256 % 256 || '.' || (${turn(wish)}) % 256`;
const shape = (value: string) => () => literal(value);
const range = (one: string, value: (wish: Wish) => string) => (wish: Wish) =>
  `${one}(${value(wish)}, ${value(wish)} + 1)`;
const several = (one: string, inner: (wish: Wish) => string) => (wish: Wish) => `${one}(${inner(wish)})`;
const intRange = (name: string) => range(name, turn);
const days = (wish: Wish) => `daterange(${day(wish)}, ${day(wish)} + 1)`;
const time = (name: string, kind: string) => (wish: Wish) =>
  `${name}(${moment(kind)(wish)}, ${moment(kind)(wish)} + interval '1 hour')`;

/** By the names of types, without their arguments. */
const makers: Record<string, Maker> = {
  smallint: (wish) => (wish.isUnique ? 's.i % 32767' : count(wish)),
  integer: count,
  bigint: count,
  numeric,
  real: count,
  'double precision': count,
  money: (wish) => `(${count(wish)})::numeric`,
  boolean: () => 's.i % 2 = 0',
  text,
  citext: text,
  'character varying': text,
  character: text,
  bpchar: text,
  name: text,
  char: () => "'x'",
  uuid: hash,
  date: day,
  'timestamp without time zone': moment('timestamp'),
  'timestamp with time zone': moment('timestamptz'),
  'time without time zone': (wish) => `time '00:00' + (${turn(wish)}) * interval '1 second'`,
  'time with time zone': (wish) => `(time '00:00' + (${turn(wish)}) * interval '1 second')::timetz`,
  interval: (wish) => `(${turn(wish)}) * interval '1 minute'`,
  json: (wish) => `json_build_object('n', ${turn(wish)})`,
  jsonb: (wish) => `jsonb_build_object('n', ${turn(wish)})`,
  bytea: (wish) => `decode(${hash(wish)}, 'hex')`,
  inet: address,
  cidr: (wish) => `${address(wish)} || '/32'`,
  macaddr: (wish) => `lpad(to_hex(${turn(wish)}), 12, '0')`,
  macaddr8: (wish) => `lpad(to_hex(${turn(wish)}), 16, '0')`,
  bit: (wish) => `(${turn(wish)})::integer::bit(${wish.length ?? 1})`,
  'bit varying': (wish) => `(${turn(wish)})::integer::bit(${Math.min(wish.length ?? 32, 32)})`,
  point: (wish) => `point(${turn(wish)}, 0)`,
  line: shape('{1,-1,0}'),
  lseg: shape('((0,0),(1,1))'),
  box: (wish) => `box(point(0, 0), point(1 + ${turn(wish)}, 1))`,
  path: shape('((0,0),(1,1))'),
  polygon: shape('((0,0),(1,1),(1,0))'),
  circle: (wish) => `circle(point(0, 0), 1 + ${turn(wish)})`,
  tsvector: (wish) => `to_tsvector('simple', 'word' || ${turn(wish)})`,
  tsquery: (wish) => `to_tsquery('simple', 'word' || ${turn(wish)})`,
  xml: (wish) => `'<n>' || ${turn(wish)} || '</n>'`,
  oid: turn,
  pg_lsn: (wish) => `'0/' || to_hex(${turn(wish)})`,
  hstore: (wish) => `'n=>' || ${turn(wish)}`,
  ltree: (wish) => `'n' || ${turn(wish)}`,
  vector: ({ length }) => `array_fill(0.5::real, array[${length ?? 3}])`,
  int4range: intRange('int4range'),
  int8range: intRange('int8range'),
  numrange: intRange('numrange'),
  daterange: days,
  tsrange: time('tsrange', 'timestamp'),
  tstzrange: time('tstzrange', 'timestamptz'),
  int4multirange: several('int4multirange', intRange('int4range')),
  int8multirange: several('int8multirange', intRange('int8range')),
  nummultirange: several('nummultirange', intRange('numrange')),
  datemultirange: several('datemultirange', days),
  tsmultirange: several('tsmultirange', time('tsrange', 'timestamp')),
  tstzmultirange: several('tstzmultirange', time('tstzrange', 'timestamptz')),
};

const maxListed = 30;

/**
 * Returns expressions to try for a column whose values must meet conditions, the usual one first. They are
 * made of what the conditions mention.
 */
export function listCandidates(
  column: Pick<Column, 'type' | 'labels'>,
  conditions: readonly string[],
  wish: Wish,
): string[] {
  const usual = makeValue(column, wish);
  const all = conditions.join(' ');
  const cast = (value: string) => `(${value})::${column.type}`;
  const words = [...all.matchAll(/'((?:[^']|'')*)'/g)].map(([quoted]) => quoted).slice(0, maxListed);
  const list = words.length > 0 ? [`(array[${words.join(', ')}])[1 + s.i % ${words.length}]`, ...words] : [];
  const isText = /^(?:.*\.)?"?(?:text|citext|character|character varying|bpchar)\b/.test(column.type);
  if (isText) {
    const length = Number(/\((\d+)\)/.exec(column.type)?.[1] ?? 0);
    const digits = [2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 16]
      .filter((one) => length === 0 || one <= length)
      .map((one) => `lpad(s.i::text, ${one}, '1')`);
    const others = ["'user' || s.i || '@example.org'", "'https://example.org/' || s.i", "'value-' || s.i"];
    const letters = [1, 2, 3, 8].flatMap((one) => [
      `lpad(translate(s.i::text, '0123456789', 'abcdefghij'), ${one}, 'a')`,
      `lpad(translate(s.i::text, '0123456789', 'ABCDEFGHIJ'), ${one}, 'A')`,
    ]);
    const forms = [`'+' || lpad(s.i::text, 11, '1')`, `'#' || lpad(to_hex(s.i), 6, '0')`, hash(wish)];
    return [
      ...(usual === null ? [] : [usual]),
      ...[...list, ...others, ...letters, ...digits, ...forms].map(cast),
    ];
  }
  const numbers = [...new Set(all.match(/(?<![\w.'])-?\d+(?:\.\d+)?(?![\w.])/g))].slice(0, maxListed);
  const near = numbers.flatMap((one) => [one, `${one} + 1`, `${one} - 1`, `${one} + s.i % 10`]);
  const usualNumbers = /int|numeric|real|double/.test(column.type)
    ? [...near, '0', '1', '-s.i', 's.i']
    : list;
  return [...(usual === null ? [] : [usual]), ...usualNumbers.map(cast)];
}
