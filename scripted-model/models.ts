import type { Anthropic } from '@anthropic-ai/sdk';

/** A model that the scripted model plays. The values come from the API's documentation of November 2026. */
export interface ModelSpec {
  id: string;
  displayName: string;
  line: string;
  createdAt: string;
  contextTokens: number;
  maxOutputTokens: number;
  /** Size of the smallest prefix that the API caches, in tokens. */
  minimumCachedTokens: number;
  defaultEffort: string;
  /** Values of `thinking.type` that the API accepts. */
  thinkingTypes: readonly string[];
  acceptsForcedTools: boolean;
  /** Models whose thinking this model reads. The API drops the thinking of other models without an error. */
  readsThinkingOf: readonly string[];
}

const size = { contextTokens: 1_000_000, maxOutputTokens: 128_000, minimumCachedTokens: 512 };

export const models: readonly ModelSpec[] = [
  {
    id: 'claude-haiku-5-5',
    displayName: 'Claude Haiku 5.5',
    line: 'haiku',
    createdAt: '2026-10-08T00:00:00Z',
    ...size,
    defaultEffort: 'medium',
    thinkingTypes: ['adaptive', 'disabled'],
    acceptsForcedTools: true,
    readsThinkingOf: ['claude-haiku-5-5'],
  },
  {
    id: 'claude-sonnet-5-5',
    displayName: 'Claude Sonnet 5.5',
    line: 'sonnet',
    createdAt: '2026-09-28T00:00:00Z',
    ...size,
    defaultEffort: 'high',
    thinkingTypes: ['adaptive', 'between_tools'],
    acceptsForcedTools: false,
    readsThinkingOf: ['claude-sonnet-5-5', 'claude-haiku-5-5'],
  },
  {
    id: 'claude-opus-5-5',
    displayName: 'Claude Opus 5.5',
    line: 'opus',
    createdAt: '2026-09-22T00:00:00Z',
    ...size,
    defaultEffort: 'medium',
    thinkingTypes: ['adaptive'],
    acceptsForcedTools: false,
    readsThinkingOf: ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-5-5'],
  },
  {
    id: 'claude-fable-5-1',
    displayName: 'Claude Fable 5.1',
    line: 'fable',
    createdAt: '2026-08-31T00:00:00Z',
    ...size,
    defaultEffort: 'high',
    thinkingTypes: ['adaptive'],
    acceptsForcedTools: false,
    readsThinkingOf: ['claude-fable-5-1', 'claude-haiku-5-5'],
  },
];

export function findModel(id: string): ModelSpec | undefined {
  return models.find((model) => model.id === id);
}

/** Describes a model as the Models API does. */
export function describeModel(model: ModelSpec): Anthropic.ModelInfo {
  const when = (supported: boolean) => ({ supported });
  return {
    type: 'model',
    id: model.id,
    display_name: model.displayName,
    created_at: model.createdAt,
    deprecated_at: null,
    retires_at: null,
    lifecycle: 'active',
    line: model.line as Anthropic.ModelInfo['line'],
    max_input_tokens: model.contextTokens,
    max_tokens: model.maxOutputTokens,
    capabilities: {
      batch: when(true),
      citations: when(true),
      code_execution: when(true),
      context_management: {
        supported: true,
        clear_thinking_20251015: when(true),
        clear_tool_uses_20250919: when(true),
        compact_20260112: when(true),
      },
      effort: {
        supported: true,
        low: when(true),
        medium: when(true),
        high: when(true),
        xhigh: when(true),
        max: when(true),
      },
      image_input: when(true),
      pdf_input: when(true),
      server_tools: { supported: true, code_execution: when(true), web_search: when(true) },
      structured_outputs: when(true),
      thinking: {
        supported: true,
        types: {
          adaptive: when(model.thinkingTypes.includes('adaptive')),
          between_tools: when(model.thinkingTypes.includes('between_tools')),
          disabled: when(model.thinkingTypes.includes('disabled')),
          enabled: when(model.thinkingTypes.includes('enabled')),
        },
      },
    },
  };
}
