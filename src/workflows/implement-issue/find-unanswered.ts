/** Paths of a repository's issue templates and issue forms. */
export const issueTemplate = /^(?:\.github\/|docs\/)?issue_template(?:\/[^/]+)?\.(?:md|ya?ml)$/i;

/** A heading, or a line in bold, which templates use in its place. */
const heading = /^(?:#{1,6}\s+(.*?)(?:\s+#+)?|\*\*(.+?)\*\*:?)$/;
/**
 * Lines that say nothing: GitHub's word for an empty field of a form, hidden text, a list item without text,
 * a check box, a rule, and the fence of a code block.
 */
const saysNothing =
  /^(?:[_*]No response[_*]|\[hidden text removed, [\d,]+ characters?\]|(?:[-*+]|\d+[.)])(?:\s+\[[ xX]\].*)?|[-*_]{3,}|(?:`{3,}|~{3,})\w*)$/;

/** What forms and templates leave behind. */
const templateSign = /^(?:[_*]No response[_*]|\[hidden text removed, [\d,]+ characters?\])$/;

function linesOf(text: string): string[] {
  return text.split('\n').flatMap((line) => line.trim() || []);
}

/**
 * Finds out whether an issue was left as its template or its form came.
 * @param body the sanitized body
 * @param templates the texts of the repository's templates
 * @returns the headings of a body that says nothing; null if the body says something
 */
export function findUnanswered(body: string, templates: readonly string[]): string[] | null {
  const known = new Set(templates.flatMap(linesOf));
  const headings: string[] = [];
  const lines = linesOf(body);
  // Without a sign of a template, a heading or a check box is what the author has to say.
  if (lines.length > 0 && !lines.some((line) => templateSign.test(line) || known.has(line))) return null;
  for (const line of lines) {
    const [, name, bold] = heading.exec(line) ?? [];
    const title = name ?? bold;
    if (title) headings.push(title);
    else if (!saysNothing.test(line) && !known.has(line)) return null;
  }
  return headings;
}
