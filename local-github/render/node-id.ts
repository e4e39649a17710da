/** Creates an id for GraphQL from a prefix for the kind of object and an opaque text, like GitHub's ids. */
export function nodeId(
  kind:
    | 'A'
    | 'U'
    | 'R'
    | 'I'
    | 'IE'
    | 'PR'
    | 'IC'
    | 'LA'
    | 'REA'
    | 'CR'
    | 'CS'
    | 'C'
    | 'REF'
    | 'RTE'
    | 'MDI'
    | 'PRR'
    | 'PRRT'
    | 'PRRC',
  id: number | string,
): string {
  return `${kind}_kw${Buffer.from(`${kind}:${id}`).toString('base64url')}`;
}
