// Reads the log of a Postgres server, in which auto_explain wrote each statement with its plan. It runs in a
// sandbox, because the log can be large. It reads a request from stdin, see record-queries.ts, and prints the
// statements of each test as JSON.
'use strict';
const { createReadStream, existsSync, readFileSync } = require('node:fs');
const { createInterface } = require('node:readline');

const maxStatement = 500;
const maxUnindexed = 50;
const maxRepeated = 10;
/** The log of a line is at most this long, so that one statement cannot use up the memory. */
const maxEntry = 4 * 1024 * 1024;
const system = /^(?:pg_|information_schema$)/;

const { log, windows, repeatedMoreThan } = JSON.parse(readFileSync(0, 'utf8'));
const tests = windows.map(({ file, name }) => ({ file, name, statements: 0, times: new Map() }));
const unindexed = new Map();
let at = 0;

/** Finds the test that was running at this time. The windows and the log are in order. */
function findTest(time) {
  while (at + 1 < windows.length && windows[at + 1].at <= time) at += 1;
  const window = windows[at];
  return window && window.at <= time && time <= window.until ? tests[at] : null;
}

function readEntry(text) {
  const found = /^([\d.]+) LOG: +duration: [\d.]+ ms +plan:\s/.exec(text);
  if (!found) return;
  let entry;
  try {
    entry = JSON.parse(text.slice(found[0].length));
  } catch {
    return;
  }
  const test = findTest(Math.round(Number(found[1]) * 1000));
  const scans = [];
  const isOfProduct = listScans(entry.Plan, scans);
  if (!test || !isOfProduct) return;
  const statement = normalize(String(entry['Query Text']));
  test.statements += 1;
  test.times.set(statement, (test.times.get(statement) || 0) + 1);
  for (const { table, condition } of scans) {
    const key = JSON.stringify([table, condition]);
    if (unindexed.has(key) || unindexed.size >= maxUnindexed) continue;
    unindexed.set(key, { file: test.file, name: test.name, statement, table, condition });
  }
}

/**
 * Collects the scans of a plan that read a whole table to find rows with certain values. Sequential scans are
 * disabled as far as possible, so there is an index for every other condition.
 * @returns whether the plan reads or writes no table of the system
 */
function listScans(node, scans) {
  if (!node || system.test(node.Schema || '')) return false;
  const condition = node.Filter ? simplify(node.Filter) : '';
  const readsAll = /^(?:Seq Scan|Index Scan|Index Only Scan)$/.test(node['Node Type']) && !node['Index Cond'];
  if (readsAll && /(?:^|[^<>!])= /.test(condition)) scans.push({ table: node['Relation Name'], condition });
  return (node.Plans || []).every((inner) => listScans(inner, scans));
}

/** Replaces values, so that a statement is the same whatever its values are. */
function normalize(sql) {
  return sql
    .replace(/'(?:[^']|'')*'/g, '?')
    .replace(/(?<![\w$.])-?\d+(?:\.\d+)?(?![\w.])/g, '?')
    .replace(/\((?:\s*(?:\$\d+|\?)\s*,)+\s*(?:\$\d+|\?)\s*\)/g, '(...)')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, maxStatement);
}

/** Removes casts and values from a condition of a plan: `((email)::text = 'a'::text)` is `email = ?`. */
function simplify(filter) {
  return normalize(filter)
    .replace(/::(?:"[^"]+"|[\w.]+)(?: varying| with(?:out)? time zone)?(?:\(\d+\))?(?:\[\])?/g, '')
    .replace(/\$\d+/g, '?')
    .replace(/\(([\w.]+|\?)\)/g, '$1')
    .replace(/^\(([^()]*)\)$/, '$1');
}

function printResult() {
  const result = {
    tests: tests.map(({ file, name, statements, times }) => ({
      file,
      name,
      statements,
      repeated: [...times]
        .filter(([statement, number]) => number > repeatedMoreThan && !/^insert\b/i.test(statement))
        .sort(([, one], [, other]) => other - one)
        .slice(0, maxRepeated)
        .map(([statement, number]) => ({ statement, times: number })),
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
      continue;
    }
    readEntry(entry);
    entry = line;
  }
  readEntry(entry);
}

read().then(printResult);
