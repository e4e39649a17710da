/*
 * When GitHub refuses a push that changes workflows, the client gets a message from GitHub for each ref. A
 * git hook cannot set such a message: the client always gets "hook declined". This module therefore replaces
 * "hook declined" with the message that GitHub would send.
 */

const declined = /^ng (\S+) hook declined\n?$/;
const noted = /^workflow:(.+)\n?/m;

/**
 * Replaces "hook declined" with GitHub's message if the hook found a changed workflow file.
 * @param body the response of `git-receive-pack` in side-band format; any other response is returned
 * unchanged
 */
export function rewriteReport(body: Buffer): Buffer {
  const bands = readBands(body);
  const [, file] = noted.exec(bands?.progress.toString() ?? '') ?? [];
  if (!bands || !file) return body;
  const why = `refusing to allow a GitHub App to create or update workflow \`${file}\` without \`workflows\` permission`;
  const report = readLines(bands.report).map((line) => {
    const [, ref] = declined.exec(line.toString()) ?? [];
    return ref ? writeLine(Buffer.from(`ng ${ref} ${why}\n`)) : writeLine(line);
  });
  const inner = Buffer.concat([...report, Buffer.from('0000')]);
  return Buffer.concat([writeLine(Buffer.concat([Buffer.from([1]), inner])), Buffer.from('0000')]);
}

function readBands(body: Buffer): { report: Buffer; progress: Buffer } | null {
  const lines = readLines(body);
  if (lines.length === 0 || lines.some((line) => line[0] !== 1 && line[0] !== 2)) return null;
  const band = (number: number) =>
    Buffer.concat(lines.filter((line) => line[0] === number).map((line) => line.subarray(1)));
  return { report: band(1), progress: band(2) };
}

/**
 * Splits data into pkt-lines, the line format of git's protocol.
 * @returns the contents of the lines before the first flush packet
 */
function readLines(data: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let at = 0; at + 4 <= data.length; ) {
    const length = Number.parseInt(data.toString('latin1', at, at + 4), 16);
    if (!(length >= 4)) break;
    lines.push(data.subarray(at + 4, at + length));
    at += length;
  }
  return lines;
}

function writeLine(content: Buffer): Buffer {
  return Buffer.concat([Buffer.from((content.length + 4).toString(16).padStart(4, '0')), content]);
}
