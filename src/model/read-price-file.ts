import { readFile } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { createFindModel, type ListedModel } from './find-model.js';
import { claudeApi, type Platform } from './providers/provider-models.js';

/** Thrown if the operator's price file cannot be read or is wrong. */
export class PriceFileError extends Error {
  override name = 'PriceFileError';
  /** @param faults one line for each fault */
  constructor(readonly faults: string[]) {
    super(faults.join('\n'));
  }
}

const name = matching(/^\S{1,200}$/, 'the name of a model, without spaces');
const dollars = z.number({ error: 'dollars per million tokens' }).min(0, {
  error: 'dollars per million tokens, 0 or more',
});
const tokens = z.int({ error: 'a whole number of tokens' }).min(1, {
  error: 'a whole number of tokens, 1 or more',
});

const Price = z.strictObject(
  {
    from: matching(/^\d{4}-\d{2}-\d{2}$/, 'the first day of the price, such as 2026-10-07').default(
      '1970-01-01',
    ),
    upToPromptTokens: tokens.optional(),
    input: dollars,
    output: dollars,
    cacheWrite5m: dollars,
    cacheWrite1h: dollars,
    cacheRead: dollars,
  },
  { error: 'a price' },
);

const ListedEntry = z.strictObject(
  {
    id: name,
    aliases: z.array(name, { error: 'a list of names' }).default([]),
    like: name.optional(),
    contextTokens: tokens.optional(),
    maxOutputTokens: tokens.optional(),
    prices: z
      .array(Price, { error: 'a list of prices' })
      .refine(coversEachPromptOnce, {
        error: 'for each day exactly one price without upToPromptTokens, and no limit twice',
      })
      .optional(),
  },
  { error: 'a model' },
);
type ListedEntry = z.infer<typeof ListedEntry>;

const PriceFile = z.strictObject(
  { models: z.array(ListedEntry, { error: 'a list of models' }) },
  { error: 'a map with the key `models`' },
);

function matching(shape: RegExp, expected: string) {
  return z.string({ error: expected }).regex(shape, { error: expected });
}

function coversEachPromptOnce(prices: readonly z.infer<typeof Price>[]): boolean {
  return prices.every(({ from }) => {
    const limits = prices.filter((price) => price.from === from).map((price) => price.upToPromptTokens);
    return limits.includes(undefined) && new Set(limits).size === limits.length;
  });
}

/**
 * Reads the operator's price file, which adds models to the known ones or changes them.
 * @param platform where the models are; the default is the Claude API
 * @throws PriceFileError
 */
export async function readPriceFile(file: string, platform = claudeApi): Promise<ListedModel[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new PriceFileError([`expected a file; ${file} cannot be read (${error.code})`]);
  });
  const document = parseDocument(text, { logLevel: 'silent' });
  const [invalid] = document.errors;
  if (invalid)
    throw new PriceFileError([
      `${file}:${invalid.linePos?.[0].line ?? 1}: expected YAML; ${invalid.message.split('\n')[0]}`,
    ]);
  const value: unknown = document.toJS({ maxAliasCount: 20 });
  const parsed = PriceFile.safeParse(value);
  if (!parsed.success)
    throw new PriceFileError(parsed.error.issues.map((issue) => `${file}: ${describe(issue, value)}`));
  return listModels(parsed.data.models, file, platform);
}

function listModels(entries: readonly ListedEntry[], file: string, platform: Platform): ListedModel[] {
  const listed: ListedModel[] = [];
  const faults: string[] = [];
  for (const [index, { aliases, like, ...given }] of entries.entries()) {
    const find = createFindModel(listed, platform);
    if (like !== undefined && find(like).prices.length === 0)
      faults.push(
        `${file}: models.${index}.like: expected a model with a known price; found ${JSON.stringify(like)}`,
      );
    if (listed.some(({ model }) => model.id === given.id))
      faults.push(`${file}: models.${index}.id: expected each model once; found "${given.id}" again`);
    const changes = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    listed.push({ model: { ...find(like ?? given.id), ...changes }, aliases });
  }
  if (faults.length > 0) throw new PriceFileError(faults);
  return listed;
}

function describe(issue: z.core.$ZodIssue, value: unknown): string {
  const isUnknownKey = issue.code === 'unrecognized_keys';
  const path = isUnknownKey ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
  const where = path.length > 0 ? `${path.join('.')}: ` : '';
  if (isUnknownKey) return `${where}this field does not exist`;
  const found = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | null)?.[key], value);
  return `${where}expected ${issue.message}; found ${(JSON.stringify(found) ?? 'none').slice(0, 200)}`;
}
