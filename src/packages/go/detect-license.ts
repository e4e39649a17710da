/** Sentences of licenses, by the name in the SPDX License List. */
const licenses: readonly [name: string, sentence: RegExp][] = [
  ['Apache-2.0', /Apache License,? Version 2\.0/i],
  ['MIT', /Permission is hereby granted, free of charge, to any person obtaining a copy of this software/i],
  ['ISC', /Permission to use, copy, modify, and(?:\/or)? distribute this software for any purpose/i],
  ['BSD-3-Clause', /Redistribution and use in source and binary forms.*Neither the names? /i],
  ['BSD-2-Clause', /Redistribution and use in source and binary forms(?!.*Neither the names? )/i],
  ['MPL-2.0', /Mozilla Public License,? (?:Version|v\.?) *2\.0/i],
  ['AGPL-3.0', /GNU Affero General Public License Version 3/i],
  ['LGPL-3.0', /GNU Lesser General Public License Version 3/i],
  ['LGPL-2.1', /GNU Lesser General Public License Version 2\.1/i],
  ['GPL-3.0', /GNU General Public License Version 3/i],
  ['GPL-2.0', /GNU General Public License Version 2/i],
  ['Unlicense', /This is free and unencumbered software released into the public domain/i],
  ['CC0-1.0', /CC0 1\.0 Universal/i],
];

/**
 * Names the licenses whose text a file contains.
 * @returns null if it contains none that is known here
 */
export function detectLicense(text: string): string | null {
  // Lines are broken in many places.
  const words = text.replace(/\s+/g, ' ');
  const found = licenses.filter(([, sentence]) => sentence.test(words));
  return found.map(([name]) => name).join(' AND ') || null;
}
