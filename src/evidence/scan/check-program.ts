import type { Change } from '../../workspace/workspace.js';
import type { Finding } from '../evidence.js';
import { mark } from './findings.js';

/** How files begin that a machine runs or unpacks, and that people cannot read. In Latin-1. */
const beginnings: [kind: string, pattern: RegExp][] = [
  ['a program for Linux', /^\x7fELF/],
  ['a program for Windows', /^MZ[\s\S]{62,}PE\0\0/],
  ['a program for macOS', /^(?:\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe)/],
  ['compiled Java code', /^\xca\xfe\xba\xbe/],
  ['compiled WebAssembly', /^\0asm/],
  ['compiled Python code', /^[\s\S]{2}\r\n[\0-\x03]\0\0\0/],
  [
    'an archive',
    /^(?:PK\x03\x04|\x1f\x8b\x08|BZh[1-9]1AY|\xfd7zXZ\0|7z\xbc\xaf\x27\x1c|Rar!\x1a\x07|\x28\xb5\x2f\xfd)/,
  ],
];

/** Files of offices are archives, and people open them as documents. */
const documents = /\.(?:docx|xlsx|pptx|odt|ods|odp|epub)$/i;

/** Marks a file that contains a program or an archive, because reviewers cannot see what is in it. */
export function checkProgram({ path: file }: Change, bytes: Buffer): Finding[] {
  if (documents.test(file)) return [];
  const start = bytes.subarray(0, 1024).toString('latin1');
  const [kind] = beginnings.find(([, pattern]) => pattern.test(start)) ?? [];
  return kind ? [mark('program', file, `is ${kind}, so a reviewer cannot see what it does`)] : [];
}
