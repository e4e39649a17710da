import { type Config, ConfigError } from '../config/read-config.js';
import { MissingSdkError } from '../model/providers/import-sdk.js';
import { openProvider } from '../model/providers/open-provider.js';
import type { Provider } from '../model/providers/provider.js';

/**
 * Opens the provider of the models.
 * @throws ConfigError if the package of the provider is not installed
 */
export async function composeProvider({ modelProvider }: Config): Promise<Provider> {
  return openProvider(modelProvider.settings).catch((error: unknown) => {
    if (error instanceof MissingSdkError) throw new ConfigError([error.message]);
    throw error;
  });
}
