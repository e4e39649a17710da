import { z } from 'zod';
import { maxShown } from './cut-output.js';
import { defineTool } from './define-tool.js';
import type { ToolContext, ToolResult } from './tool.js';

/** Anthropic's text editor tool, which the models are trained on; its schema is the API's own. */
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

/** A pipe would be waited at until the time is over. */
const plainFile = `{ [ ! -e "$1" ] || [ -f "$1" ] || [ -d "$1" ] || { echo "$1 is no plain file" >&2; false; }; }`;
const maxFileBytes = 2_000_000;
const timeoutMs = 30_000;

export const editFile = defineEditor(false);
/** For agents whose file grants reading only. */
export const viewFile = defineEditor(true);

function defineEditor(readOnly: boolean) {
  return defineTool(
    {
      name: native.name,
      description: '',
      input,
      writes: ({ command }) => command !== 'view',
      summarise: ({ command, path }) => `${command} ${path}`,
      call: async (given, context) => {
        if (given.command === 'view') return view(given, context);
        if (readOnly) return refuse('this agent may only view files');
        if (given.command === 'create') return create(given, context);
        return change(given, context);
      },
    },
    native,
  );
}

async function view({ path, view_range: range }: Input, context: ToolContext): Promise<ToolResult> {
  const script = `if [ -d "$1" ]; then cd -- "$1" && find . -mindepth 1 -maxdepth 2 -not -path './.git/*' -not -path '*/node_modules/*' | sort | head -500; else ${plainFile} && exec 3< "$1" && head -c ${maxFileBytes} <&3; fi`;
  const { exitCode, stdout, stderr } = await execute(context, script, [path]);
  if (exitCode !== 0) return refuse(stderr.trim() || `cannot read ${path}`);
  if (stdout.includes('\uFFFD\uFFFD')) return refuse(`${path} is no text file`);
  const lines = stdout.replace(/\n$/, '').split('\n');
  const [first = 1, last = -1] = range ?? [];
  if (first < 1 || first > lines.length || (last !== -1 && last < first))
    return refuse(`view_range: expected lines between 1 and ${lines.length}; found [${first}, ${last}]`);
  const shown = lines.slice(first - 1, last === -1 ? undefined : last);
  return { ok: true, text: shown.map((line, index) => `${first + index}\t${line}`).join('\n') };
}

async function create({ path, file_text: text }: Input, context: ToolContext): Promise<ToolResult> {
  if (text === undefined) return refuse('create: expected file_text; found none');
  return write(path, text, `created ${path}`, context);
}

async function change(given: Input, context: ToolContext): Promise<ToolResult> {
  const { path } = given;
  const read = await execute(
    context,
    `${plainFile} || exit 1; [ "$(stat -Lc %s -- "$1")" -le ${maxFileBytes} ] || { echo "$1 is too large to edit" >&2; exit 1; }; exec cat -- "$1"`,
    [path],
  );
  if (read.exitCode !== 0) return refuse(read.stderr.trim() || `cannot read ${path}`);
  if (read.stdout.includes('\uFFFD')) return refuse(`${path} is no UTF-8 text; change it with a command`);
  const changed = given.command === 'insert' ? insert(read.stdout, given) : replace(read.stdout, given);
  return 'fault' in changed ? refuse(changed.fault) : write(path, changed.text, `changed ${path}`, context);
}

function replace(
  text: string,
  { path, old_str: from, new_str: to = '' }: Input,
): { text: string } | { fault: string } {
  if (!from) return { fault: 'str_replace: expected old_str; found none' };
  const at = text.indexOf(from);
  if (at < 0)
    return { fault: `old_str does not stand in ${path}: it has to match exactly, with all its spaces` };
  if (text.indexOf(from, at + 1) >= 0)
    return { fault: `old_str stands in ${path} more than once: make it longer` };
  return { text: text.slice(0, at) + to + text.slice(at + from.length) };
}

function insert(text: string, given: Input): { text: string } | { fault: string } {
  const { insert_line: line, insert_text: added = given.new_str } = given;
  if (line === undefined || added === undefined)
    return { fault: 'insert: expected insert_line and insert_text' };
  const lines = text.split('\n');
  if (line < 0 || line > lines.length)
    return { fault: `insert_line: expected 0 to ${lines.length}; found ${line}` };
  lines.splice(line, 0, ...added.replace(/\n$/, '').split('\n'));
  return { text: lines.join('\n') };
}

async function write(path: string, text: string, done: string, context: ToolContext): Promise<ToolResult> {
  const script = `${plainFile} && mkdir -p -- "$(dirname -- "$1")" && cat > "$1"`;
  const { exitCode, stderr } = await execute(context, script, [path], text);
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
