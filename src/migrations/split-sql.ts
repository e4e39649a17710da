/** Matches what can contain a semicolon that ends no statement, and the semicolon that does. */
const tokens =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$.*?\$\1\$|--[^\n]*|\/\*.*?\*\/|\bbegin\s+atomic\b.*?\bend\b|;/gis;

/** Splits SQL into its statements, without the comments before each of them. */
export function splitSql(sql: string): string[] {
  const statements: string[] = [];
  let start = 0;
  for (const { 0: token, index } of sql.matchAll(tokens)) {
    if (token !== ';') continue;
    statements.push(sql.slice(start, index));
    start = index + 1;
  }
  statements.push(sql.slice(start));
  return statements.map(withoutComments).filter(Boolean);
}

function withoutComments(sql: string): string {
  return sql.replace(/^(?:\s+|--[^\n]*(?:\n|$)|\/\*.*?\*\/)+/s, '').trim();
}
