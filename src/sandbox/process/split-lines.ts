import { StringDecoder } from 'node:string_decoder';

/**
 * Returns a function that takes a stream's chunks and calls `onLine` for each complete line. A line ends with
 * a line feed. Unlike Node's readline, this does not end a line at U+2028, which JSON may contain.
 */
export function splitLines(onLine: (line: string) => void): (chunk: Buffer) => void {
  const decoder = new StringDecoder('utf8');
  let parts: string[] = [];
  return (chunk) => {
    const [first = '', ...rest] = decoder.write(chunk).split('\n');
    parts.push(first);
    for (const next of rest) {
      onLine(parts.join('').replace(/\r$/, ''));
      parts = [next];
    }
  };
}
