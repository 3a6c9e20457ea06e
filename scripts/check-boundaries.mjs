// `npm run boundaries`: the dependency rules of DESIGN.md §2, and that they still see what they are there for.

import { root } from './bootstrap/root.mjs';
import { importViolations } from './boundaries/import-rules.mjs';
import { blindRules } from './boundaries/seeded.mjs';
import { textViolations } from './boundaries/text-rules.mjs';

const blind = await blindRules();
const violations = [...(await importViolations(root)), ...textViolations(root)];
for (const rule of blind) console.error(`The gate is broken: a seeded fault was not seen by "${rule}".`);
for (const line of violations) console.error(line);
if (blind.length + violations.length > 0) process.exit(1);
console.log('Boundaries hold; every seeded fault was caught.');
