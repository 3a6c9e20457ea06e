import { LatchkeyError } from '@latchkey/domain';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

/** Window sizes that the dashboard is tested at, in CSS pixels. */
export const windowSizes = {
  desktop: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
} as const;

/** A page of its own session, and what went wrong on it so far. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors and warnings of the console, uncaught errors, requests that failed or were refused. A page in order has none. */
  readonly problems: readonly string[];
}

/**
 * A real Chromium without a window. On Linux x64 it comes with the npm package `@sparticuz/chromium`, elsewhere an installed
 * Chrome is used. Its webcam is a test picture without a face.
 */
export class TestBrowser {
  #browser: Browser | null = null;

  /** Starts the browser. @throws LatchkeyError `missing-file` where there is none. */
  async start(): Promise<void> {
    if (this.#browser) return;
    // Not the package's own `args`: they switch web security off. The sandbox wants rights that containers and root lack.
    const args = ['--no-sandbox', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
    try {
      // Imported here, because most tests need no browser.
      const { chromium } = await import('playwright-core');
      this.#browser = await chromium.launch({ args, ...(await executable()) });
    } catch (cause) {
      throw new LatchkeyError('missing-file', 'No browser could be started; install Google Chrome for these tests.', {
        cause,
      });
    }
  }

  /** Ends the browser with all of its pages. May be called twice. */
  async stop(): Promise<void> {
    await this.#browser?.close();
    this.#browser = null;
  }

  /** Opens an empty page whose addresses begin with `baseURL`, without anybody's cookies. */
  async open(baseURL: string, options: BrowserContextOptions = {}): Promise<WatchedPage> {
    if (!this.#browser) throw new LatchkeyError('invalid-input', 'Start the browser first.');
    const context = await this.#browser.newContext({
      baseURL,
      viewport: windowSizes.desktop,
      locale: 'en-GB',
      ...options,
    });
    const page = await context.newPage();
    return { page, problems: watch(page) };
  }
}

async function executable(): Promise<{ executablePath: string } | { channel: 'chrome' }> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return { channel: 'chrome' };
  const { default: packaged } = await import('@sparticuz/chromium');
  return { executablePath: await packaged.executablePath() };
}

function watch(page: Page): readonly string[] {
  const problems: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(`console ${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`));
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? '';
    // A page that is left gives its requests up, the live stream among them.
    if (reason !== 'net::ERR_ABORTED') problems.push(`failed: ${request.method()} ${request.url()} ${reason}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400)
      problems.push(`${response.status()}: ${response.request().method()} ${response.url()}`);
  });
  return problems;
}
