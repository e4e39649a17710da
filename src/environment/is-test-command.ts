import { findKind } from './shell/program-kinds.js';
import { splitWords } from './shell/split-script.js';
import { stripPrefixes } from './shell/strip-prefixes.js';

/** Returns whether a shell command starts a test program, also one whose results Pullwright cannot read. */
export function isTestCommand(command: string): boolean {
  return findKind(stripPrefixes(splitWords(command.trim())).join(' ')) === 'test';
}
