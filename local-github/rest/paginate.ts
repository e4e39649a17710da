import type { Answer } from '../answer.js';
import type { Call } from './operation.js';

/**
 * Returns a response with one page of a list and GitHub's `link` header.
 * @param path the path without the prefix `/api/v3`
 * @param wrap puts the page into an object, for operations that respond with an object
 */
export function paginate(
  { context, query }: Pick<Call, 'context' | 'query'>,
  path: string,
  items: unknown[],
  wrap: (page: unknown[]) => unknown = (page) => page,
): Answer {
  const size = Math.min(100, Math.max(1, Number(query.per_page ?? 30) || 30));
  const page = Math.max(1, Number(query.page ?? 1) || 1);
  const last = Math.max(1, Math.ceil(items.length / size));
  const link = (number: number, rel: string) =>
    `<${context.api}${path}?${new URLSearchParams({ ...query, page: String(number) })}>; rel="${rel}"`;
  const links = [
    ...(page > 1 ? [link(page - 1, 'prev'), link(1, 'first')] : []),
    ...(page < last ? [link(page + 1, 'next'), link(last, 'last')] : []),
  ];
  return {
    status: 200,
    headers: links.length > 0 ? { link: links.join(', ') } : {},
    body: wrap(items.slice((page - 1) * size, page * size)),
  };
}
