import { efforts } from '../runs/effort.js';
import type { Model } from './models.js';

/*
 * Anthropic's models and their prices on the Claude API, as of November 2026. The sources are these pages of
 * platform.claude.com/docs/en:
 *   about-claude/pricing              prices
 *   models/<name>/overview            release dates, context windows, longest replies
 *   build-with-claude/effort          efforts, and the effort to begin with
 *   build-with-claude/thinking        adaptive thinking
 *   build-with-claude/prompt-caching  the shortest prompt that is cached
 */

/** Short names of models, as Claude Code defines them, and ids with dates. */
export const claudeAliases: Readonly<Record<string, string>> = {
  sonnet: 'claude-sonnet-5-5',
  opus: 'claude-opus-5-5',
  haiku: 'claude-haiku-5-5',
  fable: 'claude-fable-5-2',
  // With this name, Claude Code uses Opus in its plan mode and Sonnet otherwise. Runs have no plan mode.
  opusplan: 'claude-sonnet-5-5',
  'claude-opus-4-5-20251101': 'claude-opus-4-5',
  'claude-haiku-4-5-20251001': 'claude-haiku-4-5',
};

const large = { contextTokens: 1_000_000, maxOutputTokens: 128_000 };
// These models can reply with 64,000 tokens. However, the API refuses a request if its prompt and the longest
// reply together exceed the context window.
const small = { contextTokens: 200_000, maxOutputTokens: 32_000 };

/** The models since Opus 5. */
const recent = { ...large, minCacheableTokens: 512, efforts, thinksAdaptively: true } as const;

/** The models before Opus 5 that think adaptively, but only on request. */
const earlier = { ...large, efforts, thinksAdaptively: true, thinkingOff: null } as const;

const noExtraHigh = efforts.filter((effort) => effort !== 'xhigh');

const opus4 = { input: 5, output: 25, cacheWrite5m: 6.25, cacheWrite1h: 10, cacheRead: 0.5 };
const sonnet5 = { input: 2, output: 10, cacheWrite5m: 2.5, cacheWrite1h: 4 };
const fable5 = { input: 10, output: 50, cacheWrite5m: 12.5, cacheWrite1h: 20 };

export const claudeModels: readonly Model[] = [
  {
    id: 'claude-fable-5-2',
    ...recent,
    defaultEffort: 'high',
    thinkingOff: null,
    prices: [
      { from: '2026-11-09', input: 8, output: 40, cacheWrite5m: 10, cacheWrite1h: 16, cacheRead: 0.2 },
    ],
  },
  {
    id: 'claude-fable-5-1',
    ...recent,
    defaultEffort: 'high',
    thinkingOff: null,
    prices: [{ from: '2026-09-01', ...fable5, cacheRead: 0.25 }],
  },
  {
    id: 'claude-fable-5',
    ...recent,
    defaultEffort: 'high',
    thinkingOff: null,
    prices: [{ from: '2026-06-09', ...fable5, cacheRead: 1 }],
  },
  {
    id: 'claude-opus-5-5',
    ...recent,
    defaultEffort: 'medium',
    thinkingOff: null,
    prices: [{ from: '2026-09-22', input: 4, output: 20, cacheWrite5m: 5, cacheWrite1h: 8, cacheRead: 0.2 }],
  },
  {
    id: 'claude-opus-5',
    ...recent,
    defaultEffort: 'high',
    thinkingOff: 'disabled',
    prices: [{ from: '2026-07-24', ...opus4 }],
  },
  {
    id: 'claude-sonnet-5-5',
    ...recent,
    // The API's default is `high`. The guide for this model says to begin at `medium` for well-specified
    // tasks.
    defaultEffort: 'medium',
    thinkingOff: 'between_tools',
    prices: [
      { from: '2026-09-28', ...sonnet5, cacheRead: 0.2 },
      { from: '2026-10-07', ...sonnet5, cacheRead: 0.1 },
    ],
  },
  {
    id: 'claude-sonnet-5',
    ...recent,
    minCacheableTokens: 1024,
    defaultEffort: 'high',
    thinkingOff: 'disabled',
    prices: [{ from: '2026-06-30', ...sonnet5, cacheRead: 0.2 }],
  },
  {
    id: 'claude-haiku-5-5',
    ...recent,
    defaultEffort: 'medium',
    thinkingOff: 'disabled',
    prices: [
      {
        ...{ from: '2026-10-07', upToPromptTokens: 100_000 },
        ...{ input: 0.1, output: 0.5, cacheWrite5m: 0.125, cacheWrite1h: 0.2, cacheRead: 0.01 },
      },
      {
        from: '2026-10-07',
        ...{ input: 0.5, output: 2.5, cacheWrite5m: 0.625, cacheWrite1h: 1, cacheRead: 0.05 },
      },
    ],
  },
  {
    id: 'claude-opus-4-8',
    ...earlier,
    minCacheableTokens: 1024,
    defaultEffort: 'xhigh',
    prices: [{ from: '2026-05-28', ...opus4 }],
  },
  {
    id: 'claude-opus-4-7',
    ...earlier,
    minCacheableTokens: 2048,
    defaultEffort: 'xhigh',
    prices: [{ from: '2026-04-16', ...opus4 }],
  },
  {
    id: 'claude-opus-4-6',
    ...earlier,
    minCacheableTokens: 4096,
    efforts: noExtraHigh,
    defaultEffort: 'high',
    prices: [{ from: '2026-02-05', ...opus4 }],
  },
  {
    id: 'claude-sonnet-4-6',
    ...earlier,
    maxOutputTokens: 64_000,
    minCacheableTokens: 2048,
    efforts: noExtraHigh,
    defaultEffort: 'medium',
    prices: [
      { from: '2026-02-17', input: 3, output: 15, cacheWrite5m: 3.75, cacheWrite1h: 6, cacheRead: 0.3 },
    ],
  },
  {
    id: 'claude-opus-4-5',
    ...small,
    minCacheableTokens: 4096,
    efforts: ['low', 'medium', 'high'],
    defaultEffort: 'high',
    thinksAdaptively: false,
    thinkingOff: null,
    prices: [{ from: '2025-11-24', ...opus4 }],
  },
  {
    id: 'claude-haiku-4-5',
    ...small,
    minCacheableTokens: 4096,
    efforts: [],
    defaultEffort: null,
    thinksAdaptively: false,
    thinkingOff: null,
    prices: [
      { from: '2025-10-15', input: 1, output: 5, cacheWrite5m: 1.25, cacheWrite1h: 2, cacheRead: 0.1 },
    ],
  },
];
