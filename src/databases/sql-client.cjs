// Runs SQL on a Postgres server through its socket, which asks for no password. It runs in a sandbox, where
// there is no library of ours and maybe no psql. It reads a request from stdin, see `runSql` in database.ts,
// and prints the results as JSON. It speaks the simple query protocol, in which every value is a text.
'use strict';
const net = require('node:net');
const { readFileSync } = require('node:fs');

const version = 196_608;
const cString = (text) => Buffer.from(`${text}\0`);

/** Reads the values of a row. All of them are texts. */
function readRow(body) {
  const row = [];
  let at = 2;
  for (let left = body.readInt16BE(0); left > 0; left--) {
    const length = body.readInt32BE(at);
    at += 4;
    row.push(length < 0 ? null : body.toString('utf8', at, at + length));
    at += Math.max(0, length);
  }
  return row;
}

/** Reads the message of an error. Each field begins with a letter that says what it is. */
function readError(body) {
  const fields = body.toString('utf8').split('\0');
  return { message: fields.find((field) => field.startsWith('M'))?.slice(1) ?? '' };
}

/** Opens a connection. `query` never rejects: an error of the server is part of the result. */
function connect({ socket, user }, database) {
  const stream = net.connect(socket);
  let received = Buffer.alloc(0);
  let waiting = null;
  let result = { rows: [], error: null };
  const finish = () => {
    const done = waiting;
    waiting = null;
    done?.(result);
  };
  const fail = (message) => {
    result.error ??= { message };
    finish();
  };
  stream.on('error', ({ message }) => fail(message));
  stream.on('close', () => fail('the server closed the connection'));

  const send = (type, body) => {
    const head = Buffer.alloc(4);
    head.writeInt32BE(body.length + 4);
    stream.write(Buffer.concat([Buffer.from(type), head, body]));
  };
  const read = {
    D: (body) => result.rows.push(readRow(body)),
    E: (body) => {
      result.error ??= readError(body);
    },
    // A migration cannot read data from this client.
    G: () => send('f', cString('COPY FROM STDIN is not supported')),
    R: (body) => {
      if (body.readInt32BE(0) !== 0) fail('the server asks for a password');
    },
    Z: finish,
  };
  stream.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 5) {
      const end = received.readInt32BE(1) + 1;
      if (received.length < end) return;
      read[String.fromCharCode(received[0])]?.(received.subarray(5, end));
      received = received.subarray(end);
    }
  });
  const exchange = (type, body) =>
    new Promise((resolve) => {
      result = { rows: [], error: null };
      waiting = resolve;
      if (stream.destroyed) fail('the server closed the connection');
      else send(type, body);
    });
  const start = Buffer.alloc(4);
  start.writeInt32BE(version);
  const parameters = ['user', user, 'database', database, 'client_encoding', 'UTF8', ''].map(cString);
  return {
    database,
    opened: exchange('', Buffer.concat([start, ...parameters])),
    query: (text) => exchange('Q', cString(text.replaceAll('\0', ''))),
    close: () => {
      stream.removeAllListeners('close');
      stream.end();
    },
  };
}

/** Runs the texts in the first column of a result, and collects their rows. */
async function runEach(connection, { rows }) {
  const all = { rows: [], error: null };
  for (const [sql] of rows) {
    const result = await connection.query(sql);
    if (result.error) return result;
    all.rows.push(...result.rows);
  }
  return all;
}

async function run({ tasks, ...server }) {
  const results = [];
  let connection = null;
  for (const { database, attempts, isRequired, makesSql } of tasks) {
    let result = { rows: [], error: null };
    if (connection?.database !== database) {
      connection?.close();
      connection = connect(server, database);
      result = await connection.opened;
    }
    let attempt = 0;
    if (!result.error)
      for (; attempt < attempts.length; attempt++) {
        result = await connection.query(attempts[attempt]);
        if (!result.error) break;
        // The attempt may have begun a transaction.
        await connection.query('rollback');
      }
    else connection = null;
    if (makesSql && !result.error) result = await runEach(connection, result);
    results.push({ ...result, attempt });
    if (result.error && isRequired) break;
  }
  connection?.close();
  process.stdout.write(JSON.stringify(results));
}

run(JSON.parse(readFileSync(0, 'utf8')));
