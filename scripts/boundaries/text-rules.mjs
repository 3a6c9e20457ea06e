import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What imports do not show: rules about files and words. `applies` and `excuses` match paths relative to the root.
 * @type {{ name: string, applies: RegExp, excuses?: RegExp, forbids: RegExp, comment: string }[]}
 */
const words = [
  {
    name: 'environment-in-config',
    applies: /^(libs|apps)\/[^/]+\/src\/.*\.tsx?$/,
    // One file writes a switch that a native library reads, and reads nothing.
    excuses: /^libs\/config\/|^libs\/vision\/src\/engines\/refuse-telemetry\.ts$|\.spec\.tsx?$/,
    forbids: /\bprocess\.env\b|\bimport\.meta\.env\b/,
    comment: 'only libs/config reads the environment',
  },
  {
    name: 'sql-in-repositories',
    applies: /^apps\/[^/]+\/src\/.*\.ts$/,
    excuses: /(\.repository|\.entity|\.spec)\.ts$|\/(database|migrations|store)\//,
    forbids: /[`'"]\s*(SELECT (?!1\b)|INSERT INTO\s|UPDATE \S+ SET\s|DELETE FROM\s|CREATE (TABLE|INDEX)\s)/,
    comment: 'SQL stands in repositories and migrations alone',
  },
  {
    name: 'domain-has-no-clock',
    applies: /^libs\/domain\/src\/.*\.ts$/,
    excuses: /\.spec\.ts$/,
    forbids: /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bMath\.random\(|\bsetTimeout\(|\bfetch\(/,
    comment: 'the domain knows no time, no chance and no network but what it is given',
  },
  {
    name: 'no-escape-hatches',
    applies: /^(libs|apps)\/[^/]+\/src\/.*\.tsx?$/,
    // A React page has effects whose dependencies are on purpose; each says why.
    excuses: /^apps\/dashboard\//,
    forbids: /@ts-(ignore|expect-error|nocheck)|biome-ignore/,
    comment: 'types and lint rules hold everywhere',
  },
];

/** A file that is longer holds two things; a specification may have as many cases as it takes. */
const maxLines = 350;

/**
 * Violations of the rules about files and words below `root`, one line each.
 * @param {string} root
 * @returns {string[]}
 */
export function textViolations(root) {
  const files = ['libs', 'apps'].flatMap((folder) => filesIn(root, folder));
  return files.flatMap((path) => {
    if (/\/src\/.*\.[cm]?jsx?$/.test(path))
      return [`no-javascript-in-src: ${path} (a stray build result hides what stands beside it)`];
    if (!/\/src\/.*\.tsx?$/.test(path)) return [];
    const lines = readFileSync(join(root, path), 'utf8').split('\n');
    const found = lines.flatMap((line, i) =>
      words
        .filter(({ applies, excuses, forbids }) => applies.test(path) && !excuses?.test(path) && forbids.test(line))
        .map(({ name, comment }) => `${name}: ${path}:${i + 1} (${comment})`),
    );
    if (lines.length - 1 > maxLines && !path.includes('.spec.'))
      found.push(`short-files: ${path} has ${lines.length - 1} lines, at most ${maxLines} are one thing`);
    return found;
  });
}

/**
 * @param {string} root
 * @param {string} folder
 * @returns {string[]}
 */
function filesIn(root, folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (['node_modules', 'dist'].includes(entry.name)) return [];
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesIn(root, path) : [path];
  });
}
