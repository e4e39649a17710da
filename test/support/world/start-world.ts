import path from 'node:path';
import { startLocalGitHub } from '../../../local-github/local-github.js';
import { startScriptedModel } from '../../../scripted-model/scripted-model.js';
import { type App, appEnvironment, startApp, webhookSecret } from '../start-app.js';
import { createTemporaryFolder } from '../temporary-folder.js';
import { createTestDatabase } from '../test-database.js';
import { World } from './world.js';

export { World } from './world.js';

/**
 * Starts the whole product with its two doubles; everything else is real. The bench uses it outside of Jest.
 * @param environment settings of the app besides the usual ones
 */
export async function startWorld(environment: Record<string, string> = {}): Promise<World> {
  const folder = await createTemporaryFolder();
  const home = environment.PULLWRIGHT_HOME ?? path.join(folder.path, 'home');
  const secondHome = path.join(folder.path, 'second-home');
  const [github, model, database] = await Promise.all([
    startLocalGitHub({ folder: path.join(folder.path, 'github') }),
    startScriptedModel(),
    createTestDatabase(),
  ]);
  const settings = {
    ...appEnvironment(github, model, home),
    DATABASE_URL: database.url,
    EGRESS: 'none',
    REVIEW_WAIT_SECONDS: '0.001',
    ...environment,
  };
  const apps: App[] = [];
  const start = async (more: Record<string, string> = {}, program?: string) => {
    const app = await startApp({ ...settings, ...more }, 'start', program);
    apps.push(app);
    github.setWebhook(app.webhookUrl, webhookSecret);
    return app;
  };
  const stopDoubles = async () => {
    await Promise.all([github.stop(), model.stop(), database.drop()]);
    await folder.remove();
  };
  const app = await start().catch(async (error: unknown) => {
    // A server that still listens would keep the test run from ending.
    await stopDoubles();
    throw error;
  });
  return new World({
    ...{ github, model, database, home, secondHome, apps, app, start, stopDoubles },
    startSecond: async (more, role, program) => {
      const second = await startApp({ ...settings, PULLWRIGHT_HOME: secondHome, ...more }, role, program);
      apps.push(second);
      return second;
    },
  });
}
