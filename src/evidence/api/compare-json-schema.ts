import type { ApiDifference } from './compare-openapi.js';
import { type ApiLevel, compareSchemas } from './compare-schemas.js';
import { type Node, readDocument } from './read-document.js';

/** Reads a JSON Schema. Returns null if the text is none. */
export function readJsonSchema(text: string): Node | null {
  // Most documents are something else, and parsing is slow. Other documents name their own schema here.
  if (!/["']?\$schema["']?[ \t]*:\s*["']?https?:\/\/json-schema\.org\//.test(text)) return null;
  const document = readDocument(text);
  return /^https?:\/\/json-schema\.org\//.test(String(document?.$schema)) ? document : null;
}

/** Finds the differences for those who write data that the schema must accept. */
export function compareJsonSchema(before: Node, after: Node): ApiDifference[] {
  const found = new Map<string, ApiDifference>();
  const report = (level: ApiLevel, text: string) => {
    const says = text.replace(/^the body /, 'the value ');
    found.set(says, { level, says });
  };
  compareSchemas(before, after, '', {
    ...{ before, after, way: 'request', compared: new WeakMap(), report },
  });
  return [...found.values()];
}
