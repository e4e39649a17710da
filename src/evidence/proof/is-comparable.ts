import path from 'node:path';

/** Messages about a module that is missing. The captured group names the module. */
const missingModules = [
  /Cannot find (?:module|package) ['"]([^'"]+)['"]/g,
  /Failed to (?:resolve|load) (?:import|url) "?([^"\s]+)/g,
  /Could not resolve ["']([^"']+)["']/g,
  /No module named ['"]?([\w.]+)/g,
  /cannot load such file -- (\S+)/g,
  /(?:cannot find|no required module provides) package ["']?([^"'\s;:]+)/g,
  /package (\S+) (?:is not in|does not exist)/g,
];
const missingFile = /\bENOENT\b|no such file or directory/i;

/**
 * Decides whether the failure of a test on the base code says something about the product. It does not if a
 * package, a helper or a fixture is missing there. It does if the missing module is a part of the product.
 * @param product the changed paths of the product, which the base code lacks
 */
export function isComparable(message: string, product: readonly string[]): boolean {
  const known = new Set(product.flatMap((one) => [nameOf(one), nameOf(path.posix.dirname(one))]));
  const missing = missingModules.flatMap((pattern) => [...message.matchAll(pattern)].map(([, name]) => name));
  if (missing.length > 0) return missing.every((name = '') => known.has(nameOf(name)));
  return !missingFile.test(message) || !product.some((one) => message.includes(one));
}

/** Returns the last part of a path or of a name with dots, without extensions. */
function nameOf(module: string): string {
  const base = path.posix.basename(module.replace(/\/(?:index|mod|__init__)(?:\.\w+)*$/, ''));
  return base.replace(/(?<=.)\.(?:[cm]?[jt]sx?|py|rb|go|java|kt|vue|svelte)$/, '').replace(/^.*\./, '');
}
