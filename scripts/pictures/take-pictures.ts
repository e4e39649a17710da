import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { findProgram } from './find-program.js';
import { Html, html } from './html.js';

/** Flags for Chromium. Playwright adds `--headless` and a new, empty user data directory. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Width of a page in CSS pixels. */
const width = 880;
/**
 * Device pixels per CSS pixel. The pictures are therefore 990 pixels wide, which is slightly wider than a
 * README on GitHub.
 */
const scale = 1.125;

/** @throws Error when this machine has no Chromium */
export function findChromium(): string {
  const found = findProgram('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable');
  if (!found) throw new Error('no Chromium found; on Debian, `apt-get install chromium` installs it');
  return found;
}

/**
 * Opens pages in headless Chromium and takes a picture of each page. Scripts and network access are turned
 * off.
 * @param executablePath a result of `findChromium`
 * @returns one PNG per page, in order
 */
export async function takePictures(
  executablePath: string,
  pages: readonly { title: string; body: Html }[],
): Promise<Buffer[]> {
  const styles = await readStyles();
  const browser = await chromium.launch({ executablePath, args: flags });
  try {
    const context = await browser.newContext({
      offline: true,
      javaScriptEnabled: false,
      colorScheme: 'light',
      deviceScaleFactor: scale,
      viewport: { width, height: 600 },
    });
    const pictures: Buffer[] = [];
    for (const { title, body } of pages) {
      const page = await context.newPage();
      const document = html`<!doctype html>
        <html lang="en">
          <head><meta charset="utf-8"><title>${title}</title>${styles}</head>
          <body>${body}</body>
        </html>`;
      await page.setContent(document.text);
      pictures.push(await page.screenshot({ fullPage: true, animations: 'disabled' }));
    }
    return pictures;
  } finally {
    await browser.close();
  }
}

async function readStyles(): Promise<Html> {
  const files = [
    fileURLToPath(import.meta.resolve('github-markdown-css/github-markdown-light.css')),
    path.join(import.meta.dirname, 'page.css'),
    path.join(import.meta.dirname, 'timeline.css'),
  ];
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return new Html(texts.map((text) => `<style>${text}</style>`).join(''));
}
