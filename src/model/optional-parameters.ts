import { APIError } from '@anthropic-ai/sdk';
import type { Model } from './models.js';

/** Parts of a request that a reply can do without. Not every provider accepts them for every model. */
const parameters = [
  {
    name: 'effort',
    named: /\boutput_config\b|\beffort\b/i,
    isIn: ({ efforts }: Model): boolean => efforts.length > 0,
    without: (model: Model): Model => ({ ...model, efforts: [] }),
    effect: 'it works on each reply as much as it does by default',
  },
  {
    name: 'thinking',
    named: /\bthinking\b/i,
    isIn: ({ thinksAdaptively, thinkingOff }: Model): boolean => thinksAdaptively || thinkingOff !== null,
    without: (model: Model): Model => ({ ...model, thinksAdaptively: false, thinkingOff: null }),
    effect: 'it thinks as it does by default',
  },
] as const;

/** Matches the words in which APIs refuse a parameter that they do not know. */
const unknownParameter =
  /extra inputs|not (?:permitted|supported|allowed|recognized)|unsupported|unexpected|unrecognized|unknown/i;

export interface OptionalParameters {
  /** Returns the model without what its API has refused. */
  accepted(model: Model): Model;
  /**
   * Returns whether an error refuses a parameter of the request. Later requests leave the parameter out, so
   * the request can be repeated.
   * @param sent the model as the request had it
   */
  learn(sent: Model, error: unknown): boolean;
}

/**
 * Remembers which optional parameters a model's API refuses.
 * @param say gets a statement about each such parameter
 */
export function createOptionalParameters(say: (statement: string) => void): OptionalParameters {
  /** Maps the id of a model to the names of parameters. */
  const refused = new Map<string, Set<string>>();
  return {
    accepted: (model) => {
      const names = refused.get(model.id);
      if (!names) return model;
      return parameters
        .filter(({ name }) => names.has(name))
        .reduce((rest, { without }) => without(rest), model);
    },
    learn: (sent, error) => {
      if (!(error instanceof APIError) || (error.status !== 400 && error.status !== 422)) return false;
      if (!unknownParameter.test(error.message)) return false;
      const found = parameters.find(({ isIn, named }) => isIn(sent) && named.test(error.message));
      if (!found) return false;
      const names = refused.get(sent.id) ?? new Set();
      // Another request can have learned this while the request was on its way.
      if (names.has(found.name)) return true;
      refused.set(sent.id, names.add(found.name));
      say(`the API of ${sent.id} does not accept the parameter ${found.name}, so ${found.effect}`);
      return true;
    },
  };
}
