// `npm run docs [-- --check]`: writes docs/asyncapi.yaml and docs/openapi.json from the code, or with --check fails when
// one of them is not as it would be written.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inRoot } from './bootstrap/root.mjs';

/** @param {string[]} path */
const built = (...path) => import(pathToFileURL(inRoot(...path)).href);

/** The document that a real central serves, on a database of its own. */
async function openApi() {
  const { Supervisor } = await built('apps/cli/dist/supervisor/supervisor.js');
  const { installedParts } = await built('apps/cli/dist/supervisor/part-paths.js');
  const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-docs-'));
  const supervisor = new Supervisor({
    dataDir,
    httpPort: 0,
    siteId: 'main',
    databaseUrl: null,
    parts: installedParts(),
    camera: null,
    announce: () => {},
  });
  try {
    const { httpUrl, admin } = await supervisor.start();
    const login = await fetch(`${httpUrl}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(admin),
    });
    const { token } = await login.json();
    const response = await fetch(`${httpUrl}/api/docs-json`, { headers: { authorization: `Bearer ${token}` } });
    if (!response.ok) throw new Error(`Central answered ${response.status} to the question for its document.`);
    return `${JSON.stringify(await response.json(), null, 2)}\n`;
  } finally {
    await supervisor.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

const { asyncApiYaml } = await built('libs/contracts/dist/asyncapi.js');
const documents = { 'docs/asyncapi.yaml': asyncApiYaml(), 'docs/openapi.json': await openApi() };
const check = process.argv.includes('--check');

for (const [path, text] of Object.entries(documents)) {
  if (existsSync(inRoot(path)) && readFileSync(inRoot(path), 'utf8') === text) continue;
  if (check) {
    console.error(`${path} is not as the code makes it; run "npm run docs".`);
    process.exitCode = 1;
  } else {
    writeFileSync(inRoot(path), text);
    console.log(`wrote ${path}`);
  }
}
