// `npm run docs [-- --check]`: writes docs/asyncapi.yaml, docs/openapi.json and README's table of options from the code, or
// with --check fails when one of them is not as it would be written.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { inRoot } from './bootstrap/root.mjs';

/** @param {string[]} path */
const built = (...path) => import(pathToFileURL(inRoot(...path)).href);

const { openApiJson } = await built('apps/central/dist/index.js');
const { asyncApiYaml } = await built('libs/contracts/dist/asyncapi.js');
const { optionsTable } = await built('libs/config/dist/index.js');

/** README with what stands between its marks replaced by the table. */
function readmeWithOptions() {
  const marks = ['<!-- options: npm run docs -->\n', '<!-- end of options -->'];
  const [before, rest] = readFileSync(inRoot('README.md'), 'utf8').split(marks[0]);
  const [, after] = rest?.split(marks[1]) ?? [];
  if (after === undefined) throw new Error('README.md has lost the marks around its table of options.');
  return `${before}${marks[0]}${optionsTable()}\n${marks[1]}${after}`;
}

const documents = {
  'docs/asyncapi.yaml': asyncApiYaml(),
  'docs/openapi.json': await openApiJson(),
  'README.md': readmeWithOptions(),
};
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
