/** An installation in a shell command. `variables` are assignments before it, `rest` are its arguments. */
export interface Installation {
  variables: string;
  /** The program and its command, such as `npm ci`. */
  words: string;
  rest: string;
}

/** Matches an installation at the beginning of a command in a script, and the rest of this command. */
const installation =
  /(?<before>^|&&|\|\||[;\n({])(?<space>\s*)(?<variables>(?:[A-Za-z_]\w*=\S*\s+)*)(?<words>npm (?:ci|i|install|clean-install)|pnpm (?:install|i)|yarn(?: install)?|bun (?:install|i)|composer install)(?=$|[\s;&|)}])(?<rest>[^;&|\n)}]*)/g;

/**
 * Changes the installations of a repository's dependencies in a shell command.
 * @param change returns null for an installation that stays as it is
 * @returns null if nothing was changed
 */
export function changeInstallations(
  command: string,
  change: (one: Installation) => string | null,
): string | null {
  const changed = command.replace(installation, (whole: string, ...found: unknown[]) => {
    const groups = found.at(-1) as Installation & { before: string; space: string };
    const { before, space, ...one } = groups;
    const isGlobal = /(?:^|\s)(?:--global|-g|--location=global)(?=\s|$)/.test(one.rest);
    // `yarn build` is a script of the repository.
    const isScript = one.words === 'yarn' && /^\s*[^\s-]/.test(one.rest);
    const other = isGlobal || isScript ? null : change(one);
    return other === null ? whole : `${before}${space}${other}`;
  });
  return changed === command ? null : changed;
}
