// Signs the reports that runners write themselves, as whole files. What is signed comes from the memory of the
// runner, because tests can change the file as soon as it is there.
'use strict';
const fs = require('fs');
const path = require('path');
const { syncBuiltinESMExports } = require('module');
const { Writable } = require('stream');
const { StringDecoder } = require('string_decoder');
const { openReport } = require('./open-report.cjs');

let isSigning = false;

exports.signFiles = () => {
  if (isSigning) return;
  isSigning = true;
  const { createWriteStream, writeFileSync } = fs;
  const { writeFile } = fs.promises;
  const isReport = (file) => path.dirname(String(file)) === __dirname && /\.(?:json|tap)$/.test(file);
  const write = (file, text) => openReport(file)(`${String(text).trimEnd()}\n`);
  fs.writeFileSync = function writeOrSign(file, text, ...more) {
    return isReport(file) ? write(file, text) : writeFileSync.call(this, file, text, ...more);
  };
  fs.promises.writeFile = async function writeOrSign(file, text, ...more) {
    return isReport(file) ? write(file, text) : writeFile.call(this, file, text, ...more);
  };
  fs.createWriteStream = function createOrSign(file, ...more) {
    return isReport(file) ? createSigned(file) : createWriteStream.call(this, file, ...more);
  };
  if (syncBuiltinESMExports) syncBuiltinESMExports();
};

function createSigned(file) {
  const send = openReport(file);
  const decoder = new StringDecoder();
  return new Writable({
    write(bytes, _encoding, done) {
      send(decoder.write(bytes));
      done();
    },
  });
}
