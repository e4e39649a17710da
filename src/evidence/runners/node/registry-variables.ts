import type { RepositoryTree } from '../../../environment/repository-tree.js';

const files = /(?:^|\/)(?:\.npmrc|\.yarnrc|\.yarnrc\.yml|bunfig\.toml)$/;
const maxFiles = 100;
/** Variables that the sandbox sets, or that would change how programs run. */
const ownVariables =
  /^(?!NODE_AUTH_TOKEN$)(?:HOME|PATH|USER|TMPDIR|LANG|CI|PWD|SHELL|SSL_CERT_FILE|(?:LD|NODE|PIP)_\w+|npm_config_\w+|(?:YARN_)?(?:HTTPS?|NO)_PROXY|YARN_NPM_REGISTRY_SERVER)$/;

/**
 * Finds the environment variables that the configuration of registries names, such as `NPM_TOKEN`, and gives
 * them empty values. Without a value, package managers stop before they install anything. The values are
 * secrets, so set-up and tests never get them. A variable with a default in the file is left out.
 */
export async function findRegistryVariables({
  files: all,
  readFile,
}: RepositoryTree): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const file of [...all].filter((one) => files.test(one)).slice(0, maxFiles)) {
    const text = (await readFile(file)) ?? '';
    const pattern = file.endsWith('.toml') ? /\$\{?([A-Za-z_]\w*)\}?/g : /\$\{([A-Za-z_]\w*)\??\}/g;
    for (const [, name = ''] of withoutComments(text).matchAll(pattern))
      if (!ownVariables.test(name)) found[name] = '';
  }
  return found;
}

function withoutComments(text: string): string {
  return text.replace(/^\s*[#;].*$/gm, '');
}
