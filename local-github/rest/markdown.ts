import { Marked } from 'marked';
import { findSignedAddress } from '../attachments/attachments.js';
import type { Operations } from './operation.js';

/** REST operations on Markdown. */
export const markdownOperations: Operations = {
  'markdown/render': {
    by: 'anyone',
    handle: ({ context, body, authorization }) => {
      const isFromRepository =
        body.mode === 'gfm' && context.state.findRepository(String(body.context ?? ''));
      const html = String(new Marked({ gfm: true }).parse(String(body.text), { async: false }));
      // GitHub puts signed addresses of the storage in place of the addresses of private attachments.
      const signed = html.replace(/(?<=<img src=")[^"]+/g, (address) =>
        isFromRepository
          ? (findSignedAddress(context, address, authorization) ?? address).replaceAll('&', '&amp;')
          : address,
      );
      return {
        status: 200,
        headers: { 'content-type': 'text/html; charset=utf-8' },
        body: Buffer.from(signed),
      };
    },
  },
};
