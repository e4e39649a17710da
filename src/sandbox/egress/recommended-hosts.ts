import type { AllowedHost } from './allowed-host.js';
import type { Registries, RegistryClient } from './registries.js';

export interface RecommendedHost {
  host: string;
  /** What set-up gets from this host. */
  reason: string;
  /**
   * The package manager that has this host as its own registry. The host is left out if the machine's
   * configuration names another one, because the operator may allow only that one.
   */
  registryOf?: RegistryClient;
}

/**
 * Hosts that set-up may reach in addition to the registries that this machine names. They serve what public
 * repositories commonly need. Most of them accept no uploads at all. docs/security.md says what github.com
 * and the registries mean. Hosts where strangers own parts, such as storage.googleapis.com, are not on the
 * list.
 */
export const recommendedHosts: readonly RecommendedHost[] = [
  { host: 'nodejs.org', reason: 'Headers of Node, which node-gyp compiles addons with.' },
  { host: 'github.com', reason: 'Releases with prebuilt binaries, and dependencies from git.' },
  { host: 'objects.githubusercontent.com', reason: 'Files of releases on GitHub.' },
  { host: 'release-assets.githubusercontent.com', reason: 'Files of releases on GitHub.' },
  { host: 'raw.githubusercontent.com', reason: 'Single files of repositories on GitHub.' },
  { host: 'codeload.github.com', reason: 'Archives of repositories on GitHub.' },
  { host: 'registry.npmjs.org', reason: 'The npm registry.', registryOf: 'npm' },
  { host: 'registry.yarnpkg.com', reason: 'The same registry, as Yarn names it.', registryOf: 'npm' },
  { host: 'repo.yarnpkg.com', reason: 'Releases of Yarn.' },
  { host: 'npm.jsr.io', reason: 'The registry JSR, for npm.' },
  { host: 'jsr.io', reason: 'The registry JSR, for Deno.' },
  { host: 'deno.land', reason: 'Modules of Deno.' },
  { host: 'binaries.prisma.sh', reason: 'Engines of Prisma.' },
  { host: 'cdn.playwright.dev', reason: 'Browsers of Playwright.' },
  { host: 'playwright.download.prss.microsoft.com', reason: 'Browsers of Playwright.' },
  { host: 'download.cypress.io', reason: 'The app of Cypress.' },
  { host: 'cdn.cypress.io', reason: 'The app of Cypress.' },
  { host: 'fastdl.mongodb.org', reason: 'Servers for mongodb-memory-server.' },
  { host: 'pypi.org', reason: 'The index of Python packages.', registryOf: 'pip' },
  { host: 'files.pythonhosted.org', reason: 'Files of Python packages.', registryOf: 'pip' },
  { host: 'proxy.golang.org', reason: 'Go modules.', registryOf: 'go' },
  { host: 'sum.golang.org', reason: 'Checksums of Go modules.' },
  { host: 'index.crates.io', reason: 'The index of Rust crates.', registryOf: 'cargo' },
  { host: 'static.crates.io', reason: 'Files of Rust crates.', registryOf: 'cargo' },
  { host: 'static.rust-lang.org', reason: 'Toolchains of Rust.' },
  { host: 'repo.maven.apache.org', reason: 'Maven Central.' },
  { host: 'repo1.maven.org', reason: 'Maven Central, under its other name.' },
  { host: 'services.gradle.org', reason: 'Releases of Gradle, for its wrapper.' },
  { host: 'plugins.gradle.org', reason: 'Plugins of Gradle.' },
  { host: 'rubygems.org', reason: 'Ruby gems.' },
  { host: 'index.rubygems.org', reason: 'The index of Ruby gems.' },
  { host: 'repo.packagist.org', reason: 'The index of PHP packages.' },
  { host: 'api.nuget.org', reason: 'NuGet packages.' },
];

/** Returns the recommended hosts that fit this machine's registries. They must have public addresses. */
export function chooseRecommended({
  configured,
  hosts,
}: Pick<Registries, 'configured' | 'hosts'>): AllowedHost[] {
  const names = new Set(hosts.map(({ host }) => host));
  // npm always names a registry. By default, it is the public one, whose other hosts belong to it.
  const usesPublic = (client: RegistryClient) =>
    !configured.includes(client) ||
    recommendedHosts.some(({ host, registryOf }) => registryOf === client && names.has(host));
  return recommendedHosts
    .filter(({ registryOf }) => registryOf === undefined || usesPublic(registryOf))
    .map(({ host }) => ({ host, port: 443, mayBePrivate: false }));
}
