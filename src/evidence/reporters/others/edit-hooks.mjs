// A hook for loading modules that runs in a thread of its own, in versions of Node without `registerHooks`.
import { createEditor, editLoaded } from './edit-modules.cjs';

let edit = (_, source) => source;

export function initialize(edits) {
  edit = createEditor(edits);
}

export async function load(url, context, next) {
  return editLoaded(edit, url, await next(url, context));
}
