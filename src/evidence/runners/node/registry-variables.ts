import type { RepositoryTree } from '../../../environment/repository-tree.js';

/** The configuration of package managers, and how each of them refers to a variable. */
const configurations: readonly [file: RegExp, reference: RegExp][] = [
  [/(?:^|\/)(?:\.npmrc|\.yarnrc|\.yarnrc\.yml|pnpm-workspace\.yaml)$/, /\$\{([A-Za-z_]\w*)\??\}/g],
  [/(?:^|\/)bunfig\.toml$/, /\$\{?([A-Za-z_]\w*)\}?/g],
  // These tools replace no variables. Scripts that write the values into the files stop without them.
  [/(?:^|\/)(?:pip\.conf|\.cargo\/config(?:\.toml)?|\.bundle\/config)$/, /\$\{([A-Za-z_]\w*)\}/g],
  // Bundler runs this file. Without a default, `fetch` fails if a variable is not set.
  [/(?:^|\/)(?:Gemfile|gems\.rb)$/, /\bENV\.fetch\(\s*["']([A-Za-z_]\w*)["']\s*\)(?!\s*(?:\{|do\b))/g],
  [/(?:^|\/)[\w-]*settings[\w-]*\.xml$/, /\$\{env\.([A-Za-z_]\w*)\}/g],
  [/(?:^|\/)nuget\.config$/i, /%([A-Za-z_]\w*)%/g],
];
const maxFiles = 100;
/** Variables that the sandbox or a toolchain sets, or that would change how programs run. */
const ownVariables = new RegExp(
  '^(?!NODE_AUTH_TOKEN$)(?:HOME|PATH|USER|TMPDIR|TMP|TEMP|LANG|CI|PWD|SHELL|SSL_CERT_FILE|npm_config_\\w+|' +
    '(?:LD|NODE|PIP|RUSTUP|DOTNET)_\\w+|(?:MAVEN|GRADLE|JAVA|JDK_JAVA|JAVA_TOOL)_(?:OPTS|OPTIONS|ARGS)|RUBY(?:OPT|LIB)|' +
    '(?:JAVA|M2|MAVEN|GRADLE(?:_USER)?|CARGO|GEM)_HOME|GEM_PATH|BUNDLE_(?:PATH|GEMFILE|WITHOUT)|NUGET_PACKAGES|' +
    '(?:YARN_)?(?:HTTPS?|NO)_PROXY|YARN_(?:NPM_REGISTRY_SERVER|REGISTRY))$',
);

/**
 * Finds the environment variables that the configuration of registries names, such as `NPM_TOKEN`, and gives
 * them empty values. Without a value, package managers stop before they install anything. The values are
 * secrets, so the repository's commands never get them. A variable with a default in the file is left out.
 */
export async function findRegistryVariables({
  files: all,
  readFile,
}: RepositoryTree): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const isConfiguration = (file: string) => configurations.some(([pattern]) => pattern.test(file));
  for (const file of [...all].filter(isConfiguration).slice(0, maxFiles)) {
    const text = withoutComments((await readFile(file)) ?? '');
    for (const [pattern, reference] of configurations)
      for (const [, name = ''] of pattern.test(file) ? text.matchAll(reference) : [])
        if (!ownVariables.test(name)) found[name] = '';
  }
  return found;
}

function withoutComments(text: string): string {
  return text.replace(/^\s*[#;].*$/gm, '').replace(/<!--[\s\S]*?-->/g, '');
}
