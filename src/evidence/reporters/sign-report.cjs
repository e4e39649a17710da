// Signs the lines of reports. Tests run as the same user as their runner, so they can write to its report. The
// test script hands out the keys, each to one process. It knows which process may get one. A runner asks before
// any test starts. If there is no queue for questions, the script reads no reports, and nothing is signed.
'use strict';
const { createHmac } = require('crypto');
const fs = require('fs');
const path = require('path');

const queue = path.join(__dirname, 'asks');
/** The script answers within milliseconds, but not on a machine that is overloaded. */
const maxWaitMs = 20_000;
/** Undefined before the process asked; null if it signs nothing; 'none' if it belongs to a test of another runner. */
let key;

/**
 * Asks for the key of this process. Only the first call has an effect.
 * @param kind `runner` if the tests run in other processes, or `tests` if they run in this one
 */
exports.askForKey = (kind) => {
  if (key !== undefined) return;
  key = fs.existsSync(queue) ? ask(kind) : null;
  // By default, this signal opens a debugger, with which a test could read the key.
  if (key && key !== 'none') process.on('SIGUSR1', () => {});
};

/** Tells the script that tests run in this process after all. Tests can do so, too, and gain nothing. */
exports.reportInBand = () => {
  if (key && key !== 'none') send(`${process.pid} in-band`);
};

/**
 * @param name name of the report's file
 * @returns a function that signs a line; null if this process must not report
 */
exports.createSigner = (name) => {
  exports.askForKey('tests');
  if (key === null) return (line) => line;
  if (key === 'none') return null;
  const [index, secret] = key.split(' ');
  let count = 0;
  return (line) => {
    count += 1;
    const signature = createHmac('sha256', secret).update(`${name} ${count} ${line}`).digest('hex');
    return `${index} ${count} ${signature} ${line}`;
  };
};

function ask(kind) {
  const file = path.join(__dirname, `ask-${process.pid}`);
  let descriptor;
  try {
    descriptor = fs.openSync(file, 'wx+', 0o600);
    send(`${process.pid} ${kind} ${descriptor}`);
    return read(descriptor);
  } catch {
    // Unsigned results are left out, and the evidence says so.
    return null;
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
    fs.unlinkSync(file);
  }
}

function send(line) {
  // Without a reader, this fails at once.
  const descriptor = fs.openSync(queue, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK);
  fs.writeSync(descriptor, `${line}\n`);
  fs.closeSync(descriptor);
}

function read(descriptor) {
  const buffer = Buffer.alloc(100);
  const clock = new Int32Array(new SharedArrayBuffer(4));
  for (const end = Date.now() + maxWaitMs; Date.now() < end; Atomics.wait(clock, 0, 0, 1)) {
    const text = buffer.toString('utf8', 0, fs.readSync(descriptor, buffer, 0, buffer.length, 0));
    if (text.endsWith('\n')) return text === 'unsigned\n' ? null : text.trim();
  }
  return null;
}
