/** A stretch of Markdown: fenced code, where GitHub shows every character as it stands, or anything else. */
export interface Stretch {
  text: string;
  code: boolean;
}

/** HTML that a blank line does not end: what follows in it is not shown, or not as Markdown. */
const blocks = [
  ['<!--', '-->'],
  ['<?', '?>'],
  ['<![cdata[', ']]>'],
  ['<!', '>'],
  ['<pre', '</pre>'],
  ['<script', '</script>'],
  ['<style', '</style>'],
  ['<textarea', '</textarea>'],
] as const;
/** Nobody writes more of them; each costs a look at what stands before it. */
const maxFences = 200;

function leavesBlockOpen(text: string): boolean {
  const lower = text.toLowerCase();
  return blocks.some(([open, close]) => lower.lastIndexOf(open) > lower.lastIndexOf(close));
}

/**
 * Tells fenced code blocks from the rest. In doubt (in lists, quotes, HTML) a fence is none: what is taken for code is
 * shown to an agent as it stands, so nothing that GitHub hides may be taken for it.
 */
export function splitCode(markdown: string): Stretch[] {
  const stretches: Stretch[] = [];
  const lines = markdown.split(/(?<=\n)/);
  let rest = '';
  let paragraphHasHtml = false;
  let fences = 0;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const mark = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/.exec(line.trimEnd())?.[1];
    if (mark && !paragraphHasHtml && fences++ < maxFences && !leavesBlockOpen(rest)) {
      const closes = new RegExp(`^ {0,3}${mark[0]}{${mark.length},}\\s*$`);
      const end = lines.findIndex((one, index) => index > at && closes.test(one));
      const last = end < 0 ? lines.length - 1 : end;
      stretches.push({ text: rest, code: false }, { text: lines.slice(at, last + 1).join(''), code: true });
      rest = '';
      at = last;
      continue;
    }
    paragraphHasHtml = line.trim() !== '' && (paragraphHasHtml || /^\s*</.test(line));
    rest += line;
  }
  return [...stretches, { text: rest, code: false }].filter(({ text }) => text !== '');
}
