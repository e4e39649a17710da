import { openAnthropic } from './open-anthropic.js';
import { type BedrockSettings, openBedrock } from './open-bedrock.js';
import { type FoundrySettings, openFoundry } from './open-foundry.js';
import { openVertex, type VertexSettings } from './open-vertex.js';
import type { Endpoint, Provider, Surroundings } from './provider.js';
import { refuseRedirects } from './refuse-redirects.js';

type Settings =
  | (Endpoint & { name: 'anthropic'; apiKey: string | null; authToken: string | null })
  | (BedrockSettings & { name: 'bedrock' })
  | (VertexSettings & { name: 'vertex' })
  | (FoundrySettings & { name: 'foundry' });

/**
 * Opens the provider of the models. Loads its package, but sends no request.
 * @throws MissingSdkError
 */
export async function openProvider(
  settings: Settings,
  { fetch }: Surroundings = { fetch: globalThis.fetch },
): Promise<Provider> {
  const surroundings = { fetch: refuseRedirects(fetch) };
  switch (settings.name) {
    case 'anthropic':
      return openAnthropic({ ...settings, ...surroundings });
    case 'bedrock':
      return openBedrock(settings, surroundings);
    case 'vertex':
      return openVertex(settings, surroundings);
    case 'foundry':
      return openFoundry(settings, surroundings);
  }
}
