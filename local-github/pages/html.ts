/** Text that is already HTML and must not be escaped again. */
export class Html {
  constructor(readonly text: string) {}
}

type Value = string | number | Html | Value[];

/**
 * A template tag for HTML. It escapes every value except `Html`. A browser therefore shows user text and
 * never executes it.
 */
export function html(parts: TemplateStringsArray, ...values: Value[]): Html {
  return new Html(
    parts.map((part, at) => part + (at < values.length ? render(values[at] ?? '') : '')).join(''),
  );
}

export function renderDocument(title: string, body: Html): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1f2328}
a{color:#0969da;text-decoration:none}section{border:1px solid #d0d7de;border-radius:6px;padding:.5rem 1rem;margin:1rem 0}
.by{color:#59636e;border-bottom:1px solid #d0d7de;margin:0 -1rem .5rem;padding:0 1rem .4rem}section h2{font-size:1.25rem}section h3{font-size:1rem}
pre,code{font:13px/1.5 ui-monospace,monospace}pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:0}:not(pre)>code{background:#eff1f3;border-radius:4px;padding:.1em .3em}
table{border-collapse:collapse;margin:1rem 0}th,td{border:1px solid #d0d7de;padding:.3rem .7rem;text-align:left}
blockquote{margin:1rem 0;padding:0 1rem;border-left:.25em solid #d0d7de;color:#59636e}.alert{border-color:#9a6700;color:inherit}.alert>strong{color:#9a6700}
hr{border:0;border-top:1px solid #d0d7de}mark{background:#ddf4ff;border-radius:1em;padding:0 .6em}
:is(h1,h2,h3)>code{font-size:inherit;font-weight:inherit}.diff pre{white-space:pre;overflow-x:auto}.diff ins{background:#dafbe1;text-decoration:none}.diff del{background:#ffebe9;text-decoration:none}.diff i{color:#59636e;font-style:normal}</style></head>
<body>${body}</body></html>
`.text;
}

function render(value: Value): string {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(render).join('');
  return String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
