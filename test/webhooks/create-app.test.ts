import { expect, test } from '@jest/globals';
import { Probot, ProbotOctokit } from 'probot';
import { createApp } from '../../src/webhooks/create-app.js';
import { labelTrigger } from '../support/label-trigger.js';

test('a delivery that the database does not store in time is answered as a failure', async () => {
  const probot = new Probot({
    appId: 1,
    githubToken: 'none',
    secret: 'x',
    logLevel: 'fatal',
    Octokit: ProbotOctokit,
  });
  let keep = (_: boolean) => {};
  const kept = new Promise<boolean>((resolve) => {
    keep = resolve;
  });
  await probot.load(
    createApp(
      () => kept,
      () => new Date(),
      () => null,
      20,
    ),
  );
  const { repository, issue, sender } = labelTrigger(7);
  const payload = {
    action: 'labeled',
    label: { name: 'backend' },
    issue: { ...issue, state: 'open', html_url: issue.url, user: { login: issue.author }, labels: [] },
    repository: { ...repository, owner: { login: repository.owner }, default_branch: 'main' },
    sender,
    installation: { id: 2 },
  };
  const received = probot.webhooks.receive({ id: 'd1', name: 'issues', payload: payload as never });
  await expect(received).rejects.toThrow('the database did not record the delivery within 20 ms');
  keep(true);
});
