import type { ServiceSetting } from '../task/environment-settings.js';
import type { Settings } from '../task/settings.js';
import { settingsPath } from '../task/settings.js';
import type { Service, Toolchain } from './environment.js';
import { readImage } from './images.js';
import { makeService, readPort } from './services/make-service.js';

/** The settings of a repository that describe the environment of its tests. */
export type EnvironmentSettings = Pick<Settings, 'services' | 'env' | 'toolchains' | 'baseBranch'>;

/**
 * Replaces found services by those of the settings: the ones with the same name, or else those of the same
 * kind that no setting names. A setting that names only an image keeps the names, the ports and the variables
 * that were found.
 */
export function applyServices(
  found: readonly Service[],
  settings: EnvironmentSettings['services'],
): Service[] {
  if (settings === null) return [...found];
  if (settings.length === 0) return [];
  let left = [...found];
  let added: Service[] = [];
  const names = new Set(settings.map((setting) => setting.name));
  for (const setting of settings) {
    const { kind, base } = readImage(setting.image);
    const name = setting.name ?? base;
    const named = left.filter((one) => one.name === name);
    const ofKind = left.filter((one) => kind !== 'other' && one.kind === kind && !names.has(one.name));
    const same = named.length > 0 ? named : ofKind;
    const [replaced] = same;
    const service = makeFromSetting(setting, replaced?.name ?? name, replaced);
    if (!service) continue;
    left = left.filter((one) => !same.includes(one));
    // A list of images can have two of the same name.
    added = [...added.filter((one) => one.name !== service.name), service];
  }
  return [...left, ...added];
}

function makeFromSetting(
  setting: ServiceSetting,
  name: string,
  replaced: Service | undefined,
): Service | null {
  const { image, env, ports } = setting;
  const hosts = [...(setting.name ? [setting.name] : []), ...(replaced?.hosts ?? [])];
  const service = makeService({
    name: setting.name ?? name,
    image,
    hosts,
    ports: ports.filter((port) => readPort(port) !== null),
    variables: { ...(replaced?.kind === readImage(image).kind ? replaced.variables : {}), ...env },
    source: settingsPath,
  });
  if (!service || replaced?.kind !== service.kind) return service;
  return {
    ...service,
    ports: ports.length > 0 ? service.ports : replaced.ports,
    arguments: replaced.arguments,
  };
}

export function toolchainsOf(settings: EnvironmentSettings): Toolchain[] {
  return Object.entries(settings.toolchains).map(([name, version]) => ({
    name: name as Toolchain['name'],
    version,
    source: settingsPath,
  }));
}
