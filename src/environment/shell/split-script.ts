/*
 * Splits shell scripts of CI files into commands. It is no shell: it only finds the ends of commands, so that
 * each command can be judged by its own words.
 */

/** Splits a text at the places outside of quotes and parentheses where `isEnd` returns the end's length. */
function splitOutside(text: string, endLength: (rest: string) => number): string[] {
  const parts: string[] = [];
  let part = '';
  let quote = '';
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === '\\' && quote !== "'") {
      part += text.slice(at, at + 2);
      at += 1;
    } else if (quote) {
      if (character === quote) quote = '';
      part += character;
    } else if (character === '"' || character === "'" || character === '`') {
      quote = character;
      part += character;
    } else if (character === '#' && (part === '' || /\s/.test(text[at - 1] ?? '')) && depth === 0) {
      while (at + 1 < text.length && text[at + 1] !== '\n') at += 1;
    } else {
      depth = Math.max(0, depth + (character === '(' ? 1 : character === ')' ? -1 : 0));
      const length = depth === 0 ? endLength(text.slice(at, at + 2)) : 0;
      if (length > 0) {
        parts.push(part);
        part = '';
        at += length - 1;
      } else part += character;
    }
  }
  return [...parts, part];
}

const opens = /^\s*(?:if|for|while|until|case|select)\b|^\s*(?:function\s+)?[\w-]+\s*\(\)\s*\{|^\s*[{(]\s*$/;
const closes = /(?:^|[\s;])(?:fi|done|esac)(?:$|[\s;|&<>])|^\s*[})]/;
const hereDocument = /<<[-~]?\s*(['"]?)([A-Za-z_]\w*)\1/;

/**
 * Splits a script into its commands. A loop, a condition, a function and a here document each stay in one
 * piece, with their newlines.
 */
export function splitScript(script: string): string[] {
  const lines = script
    .replace(/\r/g, '')
    .replace(/\\\n\s*/g, ' ')
    .split('\n');
  const commands: string[] = [];
  let block: string[] = [];
  let depth = 0;
  let end: string | null = null;
  let plain: string[] = [];
  const flush = () => {
    commands.push(...splitSimple(plain.join('\n')));
    plain = [];
  };
  for (const line of lines) {
    if (end !== null) {
      block.push(line);
      if (line.trim() === end) end = null;
    } else {
      const startsBlock = depth === 0 && (opens.test(line) || hereDocument.test(line));
      if (startsBlock) flush();
      if (depth === 0 && !startsBlock) {
        plain.push(line);
        continue;
      }
      block.push(line);
      if (opens.test(line)) depth += 1;
      if (closes.test(line)) depth -= 1;
      end = hereDocument.exec(line)?.[2] ?? null;
    }
    if (depth <= 0 && end === null) {
      commands.push(block.join('\n').trim());
      [block, depth] = [[], 0];
    }
  }
  flush();
  if (block.length > 0) commands.push(block.join('\n').trim());
  return commands.filter((command) => command !== '');
}

function splitSimple(text: string): string[] {
  const ends = splitOutside(text, (rest) => {
    if (rest === '&&') return 2;
    return rest[0] === ';' || rest[0] === '\n' ? 1 : 0;
  });
  return ends.map((command) => command.trim()).filter(Boolean);
}

/** Returns the script of a subshell such as `(cd api && npm test)`; null for any other command. */
export function readSubshell(command: string): string | null {
  const text = command.trim();
  if (!text.startsWith('(')) return null;
  // Every end outside of parentheses is found by the split, so a second part follows the subshell.
  const parts = splitOutside(text, (rest) => (rest[0] === ')' ? 1 : 0));
  return parts.length === 2 && parts[1] === '' ? (parts[0] ?? '').replace(/^\(/, '').trim() : null;
}

/** Returns whether the shell would run the command in the background. */
export function isInBackground(command: string): boolean {
  return /(?<![&>|])&\s*$/.test(command);
}

/** Returns whether a command has more than one line or is in braces, so that its words say little. */
export function isCompound(command: string): boolean {
  return command.includes('\n') || opens.test(command);
}

/** Splits a command into words, without their quotes. Redirections and pipes are words too. */
export function splitWords(command: string): string[] {
  return splitOutside(command, (rest) => (/^\s/.test(rest) ? 1 : 0))
    .filter((word) => word !== '')
    .map((word) => word.replace(/^(['"])([\s\S]*)\1$/, '$2').replace(/(?<==)(['"])([\s\S]*)\1$/, '$2'));
}

/** Returns the words before the first redirection or pipe. */
export function beforeRedirection(words: readonly string[]): string[] {
  const end = words.findIndex((word) => /^\d?[<>]|^[|&]/.test(word));
  return words.slice(0, end < 0 ? undefined : end);
}

/** Quotes a text for a POSIX shell. */
export function quoteWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
