/** Text that is HTML already, and is not escaped once more. */
export class Html {
  constructor(readonly text: string) {}
}

type Value = string | number | Html | Value[];

/** A template whose values are escaped: what people write is shown, never run. */
export function html(parts: TemplateStringsArray, ...values: Value[]): Html {
  return new Html(
    parts.map((part, at) => part + (at < values.length ? render(values[at] ?? '') : '')).join(''),
  );
}

export function renderDocument(title: string, body: Html): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:0}section{border:1px solid #d0d7de;border-radius:6px;padding:.5rem 1rem;margin:1rem 0}
mark{background:#ddf4ff;border-radius:1em;padding:0 .6em}</style></head>
<body>${body}</body></html>
`.text;
}

function render(value: Value): string {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(render).join('');
  return String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
