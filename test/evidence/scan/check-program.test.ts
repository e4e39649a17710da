import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { checkProgram } from '../../../src/evidence/scan/check-program.js';
import type { Change } from '../../../src/workspace/workspace.js';

const check = (path: string, bytes: Buffer | string) =>
  checkProgram({ path } as Change, Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes, 'latin1')).map(
    ({ severity, rule, says }) => `${severity} ${rule}: ${says}`,
  );

test.each<[string, string, Buffer | string]>([
  ['a program for Linux', 'bin/tool', readFileSync(process.execPath).subarray(0, 4096)],
  ['a program for Windows', 'tool.exe', `MZ${'\0'.repeat(126)}PE\0\0`],
  ['a program for macOS', 'tool', '\xcf\xfa\xed\xfe\x07'],
  ['compiled Java code', 'A.class', '\xca\xfe\xba\xbe\0\0'],
  ['compiled WebAssembly', 'a.wasm', '\0asm\x01'],
  ['compiled Python code', 'a.pyc', `\xcb\r\r\n${'\0'.repeat(12)}\xe3`.replace('\r\r\n', '\r\r\n')],
  ['an archive', 'a.tgz', gzipSync('a')],
  ['an archive', 'a.jar', 'PK\x03\x04a'],
])('marks %s', (kind, path, bytes) => {
  expect(check(path, bytes)).toEqual([`mark program: is ${kind}, so a reviewer cannot see what it does`]);
});

test.each<[string, Buffer | string]>([
  ['a.png', '\x89PNG\r\n\x1a\n'],
  ['a.txt', 'MZ is a country code'],
  ['b.txt', 'PK'],
  ['report.docx', 'PK\x03\x04a'],
  ['a.js', 'export {};\r\n'],
  ['crlf.csv', 'id\r\n1,2,3,4,5,6,c'],
  ['crlf.cs', '/*\r\n   Project: cli\r\n'],
  ['empty', ''],
])('does not mark %s', (path, bytes) => expect(check(path, bytes)).toEqual([]));
