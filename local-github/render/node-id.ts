/**
 * Creates an id for GraphQL. Like GitHub's ids, it consists of a prefix for the kind of object and an opaque
 * text.
 */
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
