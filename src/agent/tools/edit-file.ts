import { z } from 'zod';
import { explainIgnored, ignoredAdvice, isProduct, toRelative } from '../ignored-files.js';
import { defineTool } from './define-tool.js';
import { type Edit, insertLines, likeBefore, numberLines, readable, replaceText } from './edit-text.js';
import type { ToolContext, ToolResult } from './tool.js';

/** Maximum length of a view, in characters. Models read whole files better than pieces of them. */
const maxViewed = 40_000;

/**
 * Anthropic's text editor tool. Models are trained on it, and the API supplies its schema and description.
 */
const native = {
  type: 'text_editor_20250728',
  name: 'str_replace_based_edit_tool',
  max_characters: maxViewed,
} as const;

const input = z.object({
  command: z.enum(['view', 'create', 'str_replace', 'insert']),
  path: z.string().min(1),
  view_range: z.array(z.number().int()).length(2).optional(),
  file_text: z.string().optional(),
  old_str: z.string().optional(),
  new_str: z.string().optional(),
  insert_line: z.number().int().optional(),
  insert_text: z.string().optional(),
});
type Input = z.infer<typeof input>;

const maxFileBytes = 2_000_000;
const timeoutMs = 30_000;

/** Refuses pipes and devices, because reading one would block until the time limit. */
const requireFile = `
{ [ ! -e "$1" ] || [ -f "$1" ] || [ -d "$1" ]; } || { echo "$1 is not a regular file" >&2; exit 1; }`;

const requireExisting = `
[ -e "$1" ] || { echo "$1 does not exist" >&2; exit 1; }`;

const viewScript = `${requireExisting}
if [ -d "$1" ]; then
  cd -- "$1" || exit 1
  find . -mindepth 1 -maxdepth 2 -not -path './.git/*' -not -path '*/node_modules/*' | sort | head -500
else
  ${requireFile}
  exec 3< "$1" && head -c ${maxFileBytes} <&3
fi`;

const readScript = `${requireExisting}${requireFile}
[ "$(stat -Lc %s -- "$1")" -le ${maxFileBytes} ] || { echo "$1 is too large to edit" >&2; exit 1; }
exec cat -- "$1"`;

const writeScript = `${requireFile}
mkdir -p -- "$(dirname -- "$1")" && cat > "$1"`;

export const editFile = defineEditor(false);
/** The editor for agents that can read files but not change them. */
export const viewFile = defineEditor(true);

function defineEditor(readOnly: boolean) {
  return defineTool(
    {
      name: native.name,
      description: '',
      input,
      writes: ({ command }) => command !== 'view',
      summarize: ({ command, path }) => `${command} ${path}`,
      call: async (edit, context) => {
        if (edit.command === 'view') return view(edit, context);
        if (readOnly) return refuse('Only the view command is available: this agent may not change files.');
        if (edit.command === 'create') return create(edit, context);
        return change(edit, context);
      },
    },
    native,
  );
}

async function view({ path, view_range: range }: Input, context: ToolContext): Promise<ToolResult> {
  const { exitCode, stdout, stderr } = await execute(context, viewScript, [path]);
  if (exitCode !== 0) return refuse(stderr.trim() || `cannot read ${path}`);
  if (stdout.includes('\uFFFD\uFFFD')) return refuse(`${path} is not a text file`);
  const lines = readable(stdout).replace(/\n$/, '').split('\n');
  const [first = 1, last = -1] = range ?? [];
  if (first < 1 || first > lines.length || (last !== -1 && last < first))
    return refuse(`view_range: expected lines from 1 to ${lines.length}; found [${first}, ${last}]`);
  return { ok: true, isLimited: true, text: showLines(lines, first, last === -1 ? lines.length : last) };
}

/** Shows as many whole lines as `maxViewed` allows, and says which lines these are if some are missing. */
function showLines(lines: readonly string[], first: number, last: number): string {
  const shown: string[] = [];
  let length = 0;
  for (const line of lines.slice(first - 1, last)) {
    length += line.length + 8;
    if (length > maxViewed && shown.length > 0) break;
    shown.push(line.length > maxViewed ? `${line.slice(0, maxViewed).toWellFormed()} [line cut]` : line);
  }
  const end = first + shown.length - 1;
  const isWhole = first === 1 && end === lines.length;
  return numberLines(shown, first) + (isWhole ? '' : `\n[lines ${first}-${end} of ${lines.length}]`);
}

async function create({ path, file_text: text }: Input, context: ToolContext): Promise<ToolResult> {
  if (text === undefined) return refuse('create: expected file_text; found none');
  const before = await execute(context, readScript, [path]);
  const whole = before.exitCode === 0 ? likeBefore(before.stdout, text) : text;
  const written = await write(path, whole, `created ${path}`, context);
  if (!written.ok) return written;
  const [ignored] = await explainIgnored([path], context.workspace, context.signal);
  if (!ignored) return written;
  const why = `Git ignores this file because of ${ignored.reason}. ${ignoredAdvice}`;
  const ignoredFile = toRelative(path);
  return {
    ...written,
    text: `${written.text}\n${why}`,
    ...(!isProduct(ignoredFile) && { ignoredFile }),
  };
}

async function change(edit: Input, context: ToolContext): Promise<ToolResult> {
  const { path } = edit;
  const read = await execute(context, readScript, [path]);
  if (read.exitCode !== 0) return refuse(read.stderr.trim() || `cannot read ${path}`);
  if (read.stdout.includes('\uFFFD')) return refuse(`${path} is not UTF-8 text; change it with bash`);
  const changed = edit.command === 'insert' ? insert(read.stdout, edit) : replace(read.stdout, edit);
  return 'fault' in changed ? refuse(changed.fault) : write(path, changed.text, `changed ${path}`, context);
}

function replace(text: string, { path, old_str: from, new_str: to = '' }: Input): Edit {
  if (!from) return { fault: 'str_replace: expected old_str; found none' };
  return replaceText(text, from, to, path);
}

function insert(text: string, { insert_line: line, insert_text, new_str }: Input): Edit {
  const added = insert_text ?? new_str;
  if (line === undefined || added === undefined)
    return { fault: 'insert: expected insert_line and insert_text' };
  return insertLines(text, line, added);
}

async function write(path: string, text: string, done: string, context: ToolContext): Promise<ToolResult> {
  const { exitCode, stderr } = await execute(context, writeScript, [path], text);
  return exitCode === 0
    ? { ok: true, text: done, editedFiles: [toRelative(path)] }
    : refuse(stderr.trim() || `cannot write ${path}`);
}

function execute({ workspace, signal }: ToolContext, script: string, args: string[], stdin?: string) {
  return workspace.sandbox.execute({
    script,
    args,
    timeoutMs,
    signal,
    ...(stdin !== undefined && { stdin }),
  });
}

function refuse(text: string): ToolResult {
  return { ok: false, text };
}
