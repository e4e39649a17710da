import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { type Html, html } from './html.js';

const programs = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const folders = ['/usr/bin', '/usr/local/bin', '/snap/bin', '/opt/google/chrome'];
/** Playwright adds `--headless` and an empty user-data-dir of its own, which it removes. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Device pixels per CSS pixel: with the page's 820 pixels, pictures are 984 pixels wide. */
const scale = 1.2;

/**
 * Shows pages in headless Chromium and takes a picture of each. The pages run no script and reach no network.
 * @returns one PNG per page, in order
 * @throws Error when there is no Chromium on this machine
 */
export async function takePictures(pages: readonly { title: string; body: Html }[]): Promise<Buffer[]> {
  const styles = await readStyles();
  const browser = await chromium.launch({ executablePath: findChromium(), args: flags });
  try {
    const context = await browser.newContext({
      offline: true,
      javaScriptEnabled: false,
      colorScheme: 'light',
      deviceScaleFactor: scale,
      viewport: { width: 820, height: 600 },
    });
    const pictures: Buffer[] = [];
    for (const { title, body } of pages) {
      const page = await context.newPage();
      await page.setContent(
        html`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title>${styles}</head><body><div id="page">${body}</div></body></html>`
          .text,
      );
      pictures.push(await page.locator('#page').screenshot({ animations: 'disabled' }));
      await page.close();
    }
    return pictures;
  } finally {
    await browser.close();
  }
}

async function readStyles(): Promise<Html> {
  const files = [
    createRequire(import.meta.url).resolve('github-markdown-css/github-markdown-light.css'),
    path.join(import.meta.dirname, 'page.css'),
  ];
  const { Html: Raw } = await import('./html.js');
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return new Raw(texts.map((text) => `<style>${text}</style>`).join(''));
}

function findChromium(): string {
  const found = folders
    .flatMap((folder) => programs.map((program) => path.join(folder, program)))
    .find((file) => existsSync(file));
  if (!found)
    throw new Error(
      `no Chromium in ${folders.join(', ')}; on Debian, install it with \`apt-get install chromium\``,
    );
  return found;
}
