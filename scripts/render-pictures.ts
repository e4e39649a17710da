// `npm run pictures`: plays the demo, then takes pictures of its issue and its pull request for the README.
// They look like pages of GitHub.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { followRun } from '../demo/follow-run.js';
import { reviewPullRequest } from '../demo/review-pull-request.js';
import { labelShopIssue, openShopIssue, repository } from '../demo/shop-issue.js';
import { type DemoWorld, startDemoWorld } from '../demo/start-demo-world.js';
import { compressPicture } from './pictures/compress-picture.js';
import { readScene } from './pictures/read-scene.js';
import { renderIssue } from './pictures/render-issue.js';
import { renderPullRequest } from './pictures/render-pull-request.js';
import type { Scene } from './pictures/scene.js';
import { findChromium, takePictures } from './pictures/take-pictures.js';

const folder = path.join(import.meta.dirname, '..', 'docs', 'images');
const maxBytes = 150_000;

const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => interruption.abort(new Error(`stopped by ${name}`)));

// Playing the demo takes minutes, so look for the browser before.
const chromium = findChromium();
const scene = await playDemo();
interruption.signal.throwIfAborted();
const { issue, pull, at } = scene;
const pages = [
  { file: 'pull-request.png', title: pull.title, body: renderPullRequest(pull, at) },
  { file: 'progress-comment.png', title: issue.title, body: renderIssue(issue, at) },
];
const pictures = await takePictures(chromium, pages);
await mkdir(folder, { recursive: true });
for (const [index, { file }] of pages.entries()) await write(file, pictures[index] as Buffer);

/** Plays the demo with the recorded replies, even if the environment has an API key for Claude. */
async function playDemo(): Promise<Scene> {
  console.log('pictures: playing the demo, which takes about a minute');
  const { ANTHROPIC_API_KEY: _, ...environment } = process.env;
  const world = await startDemoWorld(environment);
  try {
    return await playRuns(world);
  } finally {
    await world.close();
  }
}

async function playRuns(world: DemoWorld): Promise<Scene> {
  const { github, recording } = world;
  const { signal } = interruption;
  const ignoreEvents = () => {};
  const { number: issue } = await openShopIssue(github);
  await labelShopIssue(github, issue);
  const { run } = await followRun(world, null, signal, ignoreEvents);
  const [pull] = github.pullRequests(repository);
  if (!pull) throw new Error(`the run ended without a pull request: ${JSON.stringify(run.outcome)}`);
  await reviewPullRequest(world, repository, pull);
  await followRun(world, run.id, signal, ignoreEvents);
  const violations = [...github.violations, ...(recording?.violations ?? [])];
  if (violations.length > 0)
    throw new Error(`the demo differs from its recording:\n${violations.join('\n')}`);
  return await readScene(world, repository, { issue, pull: pull.number });
}

async function write(file: string, png: Buffer): Promise<void> {
  const smaller = await compressPicture(png);
  const { length } = smaller ?? png;
  if (length > maxBytes)
    throw new Error(
      `${file}: expected at most ${maxBytes} bytes; found ${length}${smaller ? '' : '. Install pngquant to compress it: apt-get install pngquant'}`,
    );
  await writeFile(path.join(folder, file), smaller ?? png);
  console.log(`pictures: docs/images/${file}, ${Math.round(length / 1000)} KB`);
}
