import { z } from 'zod';
import { maxShown } from './cut-output.js';
import { defineTool } from './define-tool.js';
import type { ToolContext, ToolResult } from './tool.js';

/**
 * Anthropic's text editor tool. Models are trained on it, and the API supplies its schema and description.
 */
const native = {
  type: 'text_editor_20250728',
  name: 'str_replace_based_edit_tool',
  max_characters: maxShown,
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
  const lines = stdout.replace(/\n$/, '').split('\n');
  const [first = 1, last = -1] = range ?? [];
  if (first < 1 || first > lines.length || (last !== -1 && last < first))
    return refuse(`view_range: expected lines from 1 to ${lines.length}; found [${first}, ${last}]`);
  const shown = lines.slice(first - 1, last === -1 ? undefined : last);
  return { ok: true, text: shown.map((line, index) => `${first + index}\t${line}`).join('\n') };
}

async function create({ path, file_text: text }: Input, context: ToolContext): Promise<ToolResult> {
  if (text === undefined) return refuse('create: expected file_text; found none');
  return write(path, text, `created ${path}`, context);
}

async function change(edit: Input, context: ToolContext): Promise<ToolResult> {
  const { path } = edit;
  const read = await execute(context, readScript, [path]);
  if (read.exitCode !== 0) return refuse(read.stderr.trim() || `cannot read ${path}`);
  if (read.stdout.includes('\uFFFD')) return refuse(`${path} is not UTF-8 text; change it with bash`);
  const changed = edit.command === 'insert' ? insert(read.stdout, edit) : replace(read.stdout, edit);
  return 'fault' in changed ? refuse(changed.fault) : write(path, changed.text, `changed ${path}`, context);
}

function replace(
  text: string,
  { path, old_str: from, new_str: to = '' }: Input,
): { text: string } | { fault: string } {
  if (!from) return { fault: 'str_replace: expected old_str; found none' };
  const at = text.indexOf(from);
  if (at < 0)
    return {
      fault: `old_str was not found in ${path}: it must match the file exactly, including whitespace`,
    };
  const next = text.indexOf(from, at + 1);
  if (next >= 0) {
    const lines = `${lineOf(text, at)} and ${lineOf(text, next)}`;
    return { fault: `old_str is not unique in ${path} (lines ${lines}): add surrounding lines to it` };
  }
  return { text: text.slice(0, at) + to + text.slice(at + from.length) };
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

function insert(text: string, edit: Input): { text: string } | { fault: string } {
  const { insert_line: line, insert_text: added = edit.new_str } = edit;
  if (line === undefined || added === undefined)
    return { fault: 'insert: expected insert_line and insert_text' };
  const lines = text.split('\n');
  if (line < 0 || line > lines.length)
    return { fault: `insert_line: expected 0 to ${lines.length}; found ${line}` };
  lines.splice(line, 0, ...added.replace(/\n$/, '').split('\n'));
  return { text: lines.join('\n') };
}

async function write(path: string, text: string, done: string, context: ToolContext): Promise<ToolResult> {
  const { exitCode, stderr } = await execute(context, writeScript, [path], text);
  return exitCode === 0 ? { ok: true, text: done } : refuse(stderr.trim() || `cannot write ${path}`);
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
