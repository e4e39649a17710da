import type { CallToolResult, ContentBlock } from '@modelcontextprotocol/client';
import { type Image, readImage } from './read-image.js';

/** What the model gets for a call. */
export interface McpResult {
  ok: boolean;
  text: string;
  images: Image[];
}

/** Each image costs tokens in every later turn. */
const maxImages = 4;

/** Converts a server's result to text and images. Names everything that the model cannot get. */
export function readResult({ content, structuredContent, isError }: CallToolResult): McpResult {
  const images: Image[] = [];
  const readBlock = (block: ContentBlock): string => {
    switch (block.type) {
      case 'text':
        return block.text;
      case 'image': {
        const read = readImage(block.data);
        if ('fault' in read) return `[image not shown: ${read.fault}]`;
        if (images.length === maxImages) return `[image not shown: there are more than ${maxImages}]`;
        images.push(read.image);
        return `[image ${images.length}]`;
      }
      case 'audio':
        return `[audio not shown: ${block.mimeType}]`;
      case 'resource':
        return 'text' in block.resource
          ? `[resource ${block.resource.uri}]\n${block.resource.text}`
          : `[resource not shown: ${block.resource.uri}]`;
      case 'resource_link':
        return `[link ${block.uri}: ${block.name}]`;
    }
  };
  const texts = content.map(readBlock);
  if (texts.length === 0 && structuredContent) texts.push(JSON.stringify(structuredContent));
  const text = texts.join('\n').replaceAll('\0', '').toWellFormed();
  return { ok: !isError, text: text.trim() === '' ? '[no output]' : text, images };
}
