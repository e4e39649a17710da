import type { LocalGitHub } from '../../local-github/local-github.js';
import type { ScriptedModel } from '../../scripted-model/scripted-model.js';

export const webhookSecret = 'a secret for the tests only';

/** What the app has to be told to speak to the two doubles and to keep everything under `home`. */
export function appEnvironment(
  github: LocalGitHub,
  model: ScriptedModel,
  home: string,
): Record<string, string> {
  return {
    APP_ID: String(github.appId),
    PRIVATE_KEY: github.privateKey,
    WEBHOOK_SECRET: webhookSecret,
    GHE_HOST: github.host,
    GHE_PROTOCOL: 'http',
    ANTHROPIC_API_KEY: model.apiKey,
    ANTHROPIC_BASE_URL: model.url,
    PULLWRIGHT_HOME: home,
  };
}
