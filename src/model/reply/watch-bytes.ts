import type { Middleware } from '@anthropic-ai/sdk';

/**
 * Creates a middleware that reports each piece of a response as it arrives. The SDK's own events do not
 * suffice: the SDK drops the `ping` events, which can be all that the API sends for minutes.
 * @param onBytes called with the status of the response: first for the headers, then for each piece of the
 * body
 */
export function watchBytes(onBytes: (status: number) => void): Middleware {
  return async (request, next) => {
    const response = await next(request);
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
