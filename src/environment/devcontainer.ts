import path from 'node:path';
import { readToolImage } from './ci/setup-actions.js';
import { type ComposeService, readCompose } from './compose/read-compose.js';
import { type Toolchain, toolchainNames } from './environment.js';
import { type Files, joinInside } from './open-files.js';
import { asList, asMap, asText, variableName } from './values.js';

export interface Devcontainer {
  file: string;
  toolchains: Toolchain[];
  variables: Record<string, string>;
  services: ComposeService[];
}

/** Names of features that differ from those of the toolchains. */
const featureNames: Record<string, Toolchain['name']> = { golang: 'go', nodejs: 'node' };

/** Reads the first devcontainer.json of a repository; null if there is none. */
export async function readDevcontainer(files: Files): Promise<Devcontainer | null> {
  const others = [...files.paths]
    .filter((name) => /^\.devcontainer\/[^/]+\/devcontainer\.json$/.test(name))
    .sort();
  const names = ['.devcontainer/devcontainer.json', '.devcontainer.json', ...others];
  const file = names.find((name) => files.paths.has(name));
  if (!file) return null;
  const content = asMap(await files.json(file));
  const folder = path.posix.dirname(file).replace(/^\.$/, '');
  const composeFiles = asList(content.dockerComposeFile)
    .map((name) => joinInside(folder, asText(name) ?? ''))
    .filter((name) => name !== null);
  const toolchains = new Map<string, Toolchain>();
  const image = readToolImage(asText(content.image) ?? '');
  if (image) toolchains.set(image.name, { ...image, source: file });
  for (const [feature, options] of Object.entries(asMap(content.features))) {
    const base = feature.split('/').at(-1)?.split(':')[0] ?? '';
    const name = toolchainNames.find((one) => one === (featureNames[base] ?? base));
    const version = asText(asMap(options).version) ?? asText(options);
    const isVersion = version !== null && !/^(?:none|latest|os-provided|true|false)$/.test(version);
    if (name && isVersion) toolchains.set(name, { name, version, source: file });
  }
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries({
    ...asMap(content.containerEnv),
    ...asMap(content.remoteEnv),
  })) {
    const text = asText(value);
    if (text !== null && variableName.test(name) && name !== 'PATH' && !/\$\{|\0/.test(text))
      variables[name] = text;
  }
  return {
    file,
    toolchains: [...toolchains.values()],
    variables,
    services: await readCompose(files, composeFiles),
  };
}
