/**
 * Wraps `fetch` so that it reports each piece of a response as it arrives. The SDKs' own events do not
 * suffice: the SDKs drop the `ping` events, which can be all that the API sends for minutes.
 * @param onBytes called with the status of the response: first for the headers, then for each piece of the
 * body
 */
export function watchBytes(
  fetch: typeof globalThis.fetch,
  onBytes: (status: number) => void,
): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const { status } = response;
    onBytes(status);
    if (!response.body) return response;
    const watched = new TransformStream<Uint8Array, Uint8Array>({
      transform: (bytes, controller) => {
        onBytes(status);
        controller.enqueue(bytes);
      },
    });
    return new Response(response.body.pipeThrough(watched), response);
  };
}
