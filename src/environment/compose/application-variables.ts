import type { ComposeService } from './read-compose.js';

/** Variables that say how the application runs in its container, not how tests run. */
const ofTheContainer =
  /^(?:PATH|HOME|USER|PORT|HOST|HOSTNAME|TZ|NODE_ENV|NODE_OPTIONS|\w*_ENV|CHOKIDAR\w*|WATCHPACK\w*|COMPOSE_\w*|PYTHONPATH|FORCE_COLOR)$/;
const maxVariables = 50;

/**
 * Returns the environment of the services that are built from the repository: of those that depend on another
 * service, or else of all. Leaves out a variable that names a host which tests cannot reach.
 * @param hosts the names of the services that tests can reach
 */
export function applicationVariables(
  services: readonly ComposeService[],
  hosts: ReadonlySet<string>,
): Record<string, string> {
  const built = services.filter(({ isBuilt, service }) => isBuilt && !service);
  const dependent = built.filter(({ dependsOn }) => dependsOn.some((name) => hosts.has(name)));
  const variables: Record<string, string> = {};
  for (const { variables: own } of dependent.length > 0 ? dependent : built)
    for (const [name, value] of Object.entries(own))
      if (!(name in variables) && !ofTheContainer.test(name) && isUsable(name, value, hosts))
        variables[name] = value;
  return Object.fromEntries(Object.entries(variables).slice(0, maxVariables));
}

function isUsable(name: string, value: string, hosts: ReadonlySet<string>): boolean {
  if (value === '' || value.length > 2000 || value.includes('\n')) return false;
  const named = [...value.matchAll(/\/\/(?:[^/@\s]*@)?([\w.-]+)/g)].map(([, host = '']) => host);
  if (/(?:^|_)(?:HOST|HOSTNAME|SERVER|ADDR|ADDRESS)$/.test(name)) named.push(value.replace(/:\d+$/, ''));
  return named.every((host) => hosts.has(host) || /^(?:localhost|127\.0\.0\.1|0\.0\.0\.0)$/.test(host));
}
