/**
 * Reads a list page by page. Stops at the first item that is not wanted, or after `maxPages` pages.
 * @param goOn returns whether an item is wanted
 */
export async function readPages<Item>(
  pages: AsyncIterable<{ data: Item[] }>,
  maxPages: number,
  goOn: (item: Item) => boolean = () => true,
): Promise<Item[]> {
  const items: Item[] = [];
  let count = 0;
  for await (const { data } of pages) {
    const end = data.findIndex((item) => !goOn(item));
    items.push(...(end === -1 ? data : data.slice(0, end)));
    count += 1;
    if (end !== -1 || count >= maxPages) break;
  }
  return items;
}
