// Reads the log of a Postgres server, in which auto_explain wrote each statement with its plan. It runs in a
// sandbox, because the log can be large. It reads a request from stdin, see record-queries.ts, and prints the
// statements of each test as JSON.
'use strict';
const { createReadStream, existsSync, readFileSync } = require('node:fs');
const { createInterface } = require('node:readline');

const maxStatement = 500;
const maxUnindexed = 1000;
const maxRepeated = 100;
/** An entry of the log that is longer than this is left out, so that it cannot use up the memory. */
const maxEntry = 4 * 1024 * 1024;
const system = /^(?:pg_catalog|pg_toast|information_schema)$/;

const { log, windows, repeatedMoreThan } = JSON.parse(readFileSync(0, 'utf8'));
// A test that contains others has several windows. Tests of the same name count as one.
const tests = new Map();
for (const { file, name } of windows)
  tests.set(JSON.stringify([file, name]), { file, name, statements: 0, times: new Map() });
const unindexed = new Map();
let at = 0;

/** Finds the test that was running at this time. The windows and the log are in order. */
function findTest(time) {
  while (at + 1 < windows.length && windows[at + 1].at <= time) at += 1;
  const window = windows[at];
  if (!window || time < window.at || time > window.until) return null;
  return tests.get(JSON.stringify([window.file, window.name]));
}

function readEntry(text) {
  const found = /^([\d.]+) LOG: +(?:\w{5}: +)?duration: [\d.]+ ms +plan:\s/.exec(text);
  if (!found || text.length > maxEntry) return;
  let entry;
  try {
    entry = JSON.parse(text.slice(found[0].length));
  } catch {
    return;
  }
  const test = findTest(Math.round(Number(found[1]) * 1000));
  const scans = [];
  const isOfProduct = listScans(entry.Plan, scans);
  const statement = normalize(String(entry['Query Text']));
  if (!test || !isOfProduct || isOfForeignKey.test(statement)) return;
  test.statements += 1;
  test.times.set(statement, (test.times.get(statement) || 0) + 1);
  for (const { table, condition } of scans) {
    const key = JSON.stringify([table, condition]);
    if (unindexed.has(key) || unindexed.size >= maxUnindexed) continue;
    unindexed.set(key, { file: test.file, name: test.name, statement: shorten(statement), table, condition });
  }
}

/** Postgres checks deferred foreign keys with statements of its own. */
const isOfForeignKey = /^SELECT \? FROM ONLY .* FOR KEY SHARE OF x$/;

/**
 * Collects the scans of a plan that read a whole table to find rows with certain values. Postgres uses a
 * sequential scan only if it has no other way, see record-queries.ts.
 * @returns whether the plan reads or writes no table of the system
 */
function listScans(node, scans) {
  if (!node || (node['Relation Name'] && system.test(node.Schema || ''))) return false;
  const condition = node['Node Type'] === 'Seq Scan' && node.Filter ? simplify(node.Filter) : '';
  if (/(?:^|[^<>!])= /.test(condition)) scans.push({ table: node['Relation Name'], condition });
  return (node.Plans || []).every((inner) => listScans(inner, scans));
}

/** Literals, quoted names and comments. Only one of them can begin at a place. */
const quoted =
  /[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[\s\S]*?\$\1\$|--[^\n]*|\/\*[\s\S]*?\*\//g;

/** Replaces values, so that a statement is the same whatever its values are. */
function normalize(sql) {
  return sql
    .replace(quoted, (text) => (text.startsWith('"') ? text : /^(?:--|\/\*)/.test(text) ? ' ' : '?'))
    .replace(/(?<![\w$."])-?\d+(?:\.\d+)?(?![\w."])/g, '?')
    .replace(/\((?:\s*(?:\$\d+|\?)\s*,)+\s*(?:\$\d+|\?)\s*\)/g, '(...)')
    .replace(/\s+/g, ' ')
    .replace(/[ ;]+$/, '')
    .trim();
}

/**
 * Removes values and the names of tables from a condition of a plan: `((o.email)::text = 'a'::text)` is
 * `(email)::text = ?`. A cast of a column stays, because it can be why no index serves the condition.
 */
function simplify(filter) {
  return normalize(filter)
    .replace(
      /\?::(?:"[^"]+"|[\w.]+)(?: varying| precision| with(?:out)? time zone)?(?:\([\d,]+\))?(?:\[\])?/g,
      '?',
    )
    .replace(/\$\d+/g, '?')
    .replace(/(?<![\w."])(?:\w+|"[^"]+")\.(?=[\w"])/g, '')
    .replace(/^\(([^()]*|\(\w+\)::[^()]*)\)$/, '$1');
}

function shorten(text) {
  return text.length > maxStatement ? `${text.slice(0, maxStatement)} …` : text;
}

/** Returns whether a text contains one statement that is no insert. Tests insert rows of their own. */
function canRepeat(statement) {
  return !/^insert\b/i.test(statement) && !statement.replace(/"[^"]*"/g, '').includes(';');
}

function printResult() {
  const result = {
    tests: [...tests.values()].map(({ file, name, statements, times }) => ({
      file,
      name,
      statements,
      repeated: [...times]
        .filter(([statement, number]) => number > repeatedMoreThan && canRepeat(statement))
        .sort(([, one], [, other]) => other - one)
        .slice(0, maxRepeated)
        .map(([statement, number]) => ({ statement: shorten(statement), times: number })),
    })),
    unindexed: [...unindexed.values()],
  };
  process.stdout.write(JSON.stringify(result));
}

async function read() {
  let entry = '';
  const lines = existsSync(log) ? createInterface({ input: createReadStream(log), crlfDelay: Infinity }) : [];
  for await (const line of lines) {
    // Each entry begins with the prefix. Its other lines begin with a tab.
    if (line.startsWith('\t')) {
      if (entry.length < maxEntry) entry += `\n${line.slice(1)}`;
      else entry = '';
      continue;
    }
    // A context belongs to the entry before it. It says that a function or a procedure ran the statement.
    if (!/^[\d.]+ CONTEXT: /.test(line)) readEntry(entry);
    entry = line;
  }
  readEntry(entry);
}

read().then(printResult);
