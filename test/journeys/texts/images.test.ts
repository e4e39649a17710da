import { afterAll, beforeAll, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { minimalProject, runAndSubmit } from '../../support/sample-projects.js';
import { runIssue } from '../../support/world/run-issue.js';
import { startWorld, type World } from '../../support/world/start-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});

afterAll(() => world.stop());

const draw = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: 'teal' } });
const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
const evil = 'https://github.com.evil.example/user-attachments/assets/3f2b1c4d-0000-4aaa-8bbb-123456789abc';

test('the model sees the images of a private issue; a hostile image is named, and the run goes on', async () => {
  const { github } = world;
  const [png, webp] = [await draw(3136, 200).png().toBuffer(), await draw(40, 30).webp().toBuffer()];
  const addresses: string[] = [];
  const { outcome, comment, title, run } = await runIssue(world, {
    repository: { files: minimalProject, private: true },
    turns: [
      { thought: 'I look at the images.', say: 'I look.', stop: 'pause_turn' },
      ...runAndSubmit("echo 'hello Ada' > greeting.txt"),
    ],
    before: async ({ name, number }) => {
      const attach = (bytes: Buffer) => {
        const address = github.addAttachment(name, bytes);
        addresses.push(address);
        return address;
      };
      const [screenshot, mislabelled, drawing, redirected] = [png, webp, svg, png].map(attach);
      const body = `The header overlaps the menu:\n![header](${screenshot})
<img width="600" alt="With a long text" src="${mislabelled}">\n![a](${drawing}) ![b](${redirected}) ![c](${evil})
<!-- ![hidden](${attach(png)}) -->`;
      // GitHub may not accept the token of an App here. The image then comes from its signed address.
      github.failNext({ path: new URL(screenshot ?? '').pathname, status: 404 });
      const location = 'http://169.254.169.254/latest/meta-data/';
      github.failNext({ path: new URL(redirected ?? '').pathname, status: 302, headers: { location } });
      await github.editIssue(name, number, { body }, 'ada');
      github.setRole(name, 'eve', 'read');
      await github.comment(name, number, `It looks like this: ![d](${attach(webp)})`, 'ada');
      await github.comment(name, number, `No, like this: ![e](${attach(png)})`, 'eve');
    },
  });
  expect(outcome.kind).toBe('pull-request');

  // The conversation was sent with the images twice, always the same.
  const requests = world.model.requests
    .map(({ body }) => body.messages)
    .filter(([first]) => JSON.stringify(first).includes(title));
  const first = requests[0]?.[0]?.content as { type: string; text?: string; source?: { data: string } }[];
  expect(first.map(({ type }) => type)).toEqual(
    'text text image text image text text text image text'.split(' '),
  );
  expect(first.filter((_, at) => [1, 3, 5, 7].includes(at)).map(({ text }) => text)).toEqual([
    `This is image 1 in the issue (${addresses[0]}):`,
    `This is image 2 in the issue (${addresses[1]}):`,
    'You do not get image 3 in the issue (not a PNG, JPEG, WebP or GIF), image 4 in the issue (redirected to a ' +
      'host that is not GitHub), image 5 in the issue (not stored on GitHub).',
    `This is image 6 in a comment by ada (${addresses[5]}):`,
  ]);
  const images = first.flatMap(({ source }) => source ?? []);
  const sizes = images.map(async ({ data }) => {
    const { format, width, height } = await sharp(Buffer.from(data, 'base64')).metadata();
    return [format, width, height];
  });
  expect(await Promise.all(sizes)).toEqual([
    ['png', 1568, 100],
    ['png', 40, 30],
    ['png', 40, 30],
  ]);
  expect(requests).toHaveLength(2);
  expect(requests[1]?.at(-1)).toMatchObject({
    role: 'assistant',
    content: [{ type: 'thinking' }, { text: 'I look.' }],
  });
  const dataOf = (messages: unknown) => JSON.stringify(messages).match(/"data":"[^"]+"/g);
  expect(dataOf(requests[1])).toEqual(dataOf(requests[0]));

  // Hidden images, and those of people without write access, were never asked for.
  const asked = github.requests.map(({ path }) => `${github.url}${path}`);
  expect(addresses.filter((address) => asked.includes(address))).toEqual(
    [0, 1, 2, 3, 5].map((at) => addresses[at]),
  );
  const reasons = [
    'image 3 in the issue (not a PNG, JPEG, WebP or GIF)',
    'image 4 in the issue (redirected to a host that is not GitHub)',
    'image 5 in the issue (not stored on GitHub)',
  ];
  expect(comment).toContain(`- images: the agent got 3; not read: ${reasons.join('; ')}`);
  expect(await run.event('images-read')).toMatchObject({ read: 3, unread: [{}, {}, {}] });
});
