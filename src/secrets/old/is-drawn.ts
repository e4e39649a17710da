/** Drawn by lot, by the look of it: words, in whatever case, change less often between small letters, capitals and digits. */
export function isDrawn(text: string): boolean {
  const signs = text.slice(0, 40).replace(/[^A-Za-z0-9]/g, '');
  const digits = signs.replace(/\D/g, '').length;
  // Those of source maps are few.
  if (/^[A-Z0-9]+$/.test(signs)) return digits > 0 && new Set(signs).size > signs.length / 2;
  const changes = signs.replace(/[a-z]+|[A-Z]+|\d+/g, '.').length - 1;
  return digits > 1 && changes >= 0.3 * signs.length;
}
