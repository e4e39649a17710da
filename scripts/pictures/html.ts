import octicons from './octicons.json' with { type: 'json' };

/** Markup that is already escaped. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = Html | string | number | null | false | readonly Part[];

/** Builds markup from a template. Escapes inserted strings, but not inserted `Html`. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(strings.reduce((text, string, index) => text + render(parts[index - 1] ?? '') + string));
}

function render(part: Part): string {
  if (part === null || part === false) return '';
  if (part instanceof Html) return part.text;
  if (Array.isArray(part)) return part.map(render).join('');
  return String(part).replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

export type IconName = keyof typeof octicons;

/**
 * Renders one of GitHub's icons. `octicons.json` is from @primer/octicons 19.42.0 (MIT, Copyright GitHub
 * Inc.).
 */
export function icon(name: IconName): Html {
  return html`<svg class="octicon" viewBox="0 0 16 16" width="16" height="16"><path d="${octicons[name]}"/></svg>`;
}
