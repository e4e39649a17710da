import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { minimalProject, solveMinimalProject } from '../../support/sample-projects.js';
import { appEnvironment } from '../../support/start-app.js';
import { waitFor } from '../../support/wait-for.js';
import { startWorld } from '../../support/world/start-world.js';

const cli = path.join(import.meta.dirname, '..', '..', '..', 'dist', 'cli.js');

test('a second worker on the same home is refused in one line; read-only commands are not', async () => {
  const world = await startWorld({ DATABASE_URL: '' });
  try {
    const { github, model, home } = world;
    await expect(world.startSecond({ PULLWRIGHT_HOME: home })).rejects.toThrow(
      `\npullwright: PULLWRIGHT_HOME: expected a folder that no other worker uses; ${home} is in use by process ${world.app.process.pid}`,
    );
    const issue = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const { name, number } = issue;
    const held = model.hold(1, issue.title);
    await world.label(issue);
    await held.reached;
    const environment = { PATH: process.env.PATH, ...appEnvironment(github, model, home) };
    const { stdout } = await promisify(execFile)(process.execPath, [cli, 'runs'], { env: environment });
    expect(stdout).toMatch(new RegExp(`^[0-9a-f-]{36} .* ${name}#${number} +running\n$`));
    // Neither the refused one nor the reader took the database away from the first.
    await world.app.kill();
    held.release();
    await world.startAgain();
    const left = async () => (await readdir(path.join(home, 'runs'))).length;
    await waitFor('the run to end', world, async () => world.progress(name, number).includes('**Done:**'));
    await waitFor('nothing to be left', world, async () => (await left()) === 0);
    const after = await promisify(execFile)(process.execPath, [cli, 'runs'], { env: environment });
    expect(after.stdout).toMatch(/ pull request #\d+\n$/);
  } finally {
    await world.stop();
  }
});
