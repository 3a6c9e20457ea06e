import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { importViolations } from './import-rules.mjs';
import { textViolations } from './text-rules.mjs';

/** Faults that the gate must see, and the rule that must name each: a gate that passes these is itself broken. */
const faults = {
  // A cycle, and the stray JavaScript beside it that once hid one from dependency-cruiser.
  'libs/domain/src/hen.ts': "import { egg } from './egg.ts';\nexport const hen = () => egg;\n",
  'libs/domain/src/egg.ts': "import { hen } from './hen.ts';\nexport const egg = () => hen;\n",
  'libs/link/src/stray.ts': 'export const one = 1;\n',
  'libs/link/src/stray.js': 'export const one = 1;\n',
  'libs/contracts/src/browser.ts': "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;\n",
  'libs/vision/src/upward.ts': "import { egg } from '../../domain/src/egg.ts';\nexport const up = egg;\n",
  'libs/link/src/layer.ts': "import { up } from '../../vision/src/upward.ts';\nexport const down = up;\n",
  'libs/link/src/environment.ts': 'export const home = process.env.HOME;\n',
  'apps/central/src/people.service.ts': "export const sql = 'SELECT name FROM person';\n",
};
const expected = [
  'no-cycle',
  'no-javascript-in-src',
  'loads-in-a-browser',
  'through-the-front-door',
  'link-rests-on-domain-contracts',
  'environment-in-config',
  'sql-in-repositories',
];

/**
 * Rules that did not see the fault that was seeded for them.
 * @returns {Promise<string[]>}
 */
export async function blindRules() {
  const root = mkdtempSync(join(tmpdir(), 'latchkey-boundaries-'));
  try {
    for (const [path, text] of Object.entries(faults)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    writeFileSync(join(root, 'tsconfig.base.json'), '{ "compilerOptions": { "module": "nodenext" } }');
    const seen = [...(await importViolations(root)), ...textViolations(root)];
    return expected.filter((rule) => !seen.some((line) => line.startsWith(`${rule}:`)));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
