import path from 'node:path';
import { preference, readImage } from '../images.js';
import { type Files, joinInside } from '../open-files.js';
import { findCopiedScripts } from '../services/init-scripts.js';
import { readVariables } from '../services/make-service.js';
import { asMap, asText, type Values } from '../values.js';
import { replaceVariables } from './env-file.js';

/** Images of languages. A container with one of them runs code of the repository. */
const ofLanguage =
  /^(?:node|node-\d+|nodejs|bun|deno|python|ruby|golang|php|rust|composer|maven|gradle|openjdk|eclipse-temurin)$/;
const maxStages = 20;

/** Whether a container with this image runs code of the repository, which the image itself lacks. */
export function runsRepository(image: string): boolean {
  return ofLanguage.test(readImage(image).base);
}

export interface BuiltServer {
  /** The image from which the Dockerfile starts. */
  image: string;
  initScripts: string[];
}

/**
 * Returns the server's image on which a Dockerfile builds. Many repositories build the image of a database
 * only to add a script or a file of its configuration.
 * @param build the field `build` of a service
 * @param folder the folder of the compose file
 * @returns null if the Dockerfile starts from no known server
 */
export async function findBuiltServer(
  build: unknown,
  folder: string,
  files: Files,
): Promise<BuiltServer | null> {
  const fields: Values = typeof build === 'string' ? { context: build } : asMap(build);
  const context = joinInside(folder, asText(fields.context) ?? '.');
  if (context === null) return null;
  const inline = asText(fields.dockerfile_inline);
  const file = joinInside(context, path.posix.normalize(asText(fields.dockerfile) ?? 'Dockerfile'));
  const text = inline ?? (file === null ? null : await files.text(file));
  if (!text || !files.spend(text.length / 1000)) return null;
  const image = findBase(text, readVariables(fields.args), asText(fields.target));
  if (image === null || preference[readImage(image).kind] === 0) return null;
  return { image, initScripts: findCopiedScripts(text, context, files) };
}

/** Returns the image from which a stage of a Dockerfile starts, through the stages before it. */
function findBase(text: string, given: Readonly<Record<string, string>>, target: string | null) {
  const defaults = [...text.matchAll(/^ARG\s+([A-Za-z_]\w*)=["']?([^\s"']*)/gim)];
  const values = {
    ...Object.fromEntries(defaults.map(([, name = '', value = '']) => [name, value])),
    ...given,
  };
  const stages = [...text.matchAll(/^FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?/gim)]
    .slice(0, maxStages)
    .map(([, image = '', name]) => ({ image: replaceVariables(image, values), name }));
  let stage = target === null ? stages.at(-1) : stages.find(({ name }) => name === target);
  for (let round = 0; stage && round < maxStages; round++) {
    const { image } = stage;
    const before = stages.find(({ name }) => name === image);
    if (!before) return image;
    stage = before;
  }
  return null;
}
