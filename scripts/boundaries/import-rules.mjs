import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import extractTsConfig from 'dependency-cruiser/config-utl/extract-ts-config';

const { forbidden, options } = createRequire(import.meta.url)('../../.dependency-cruiser.cjs');

/**
 * Violations of `.dependency-cruiser.cjs` below `root`, one line each.
 * @param {string} root
 * @returns {Promise<string[]>}
 */
export async function importViolations(root) {
  const { tsConfig, enhancedResolveOptions, ...rest } = options;
  // The folders of sources, not `libs` and `apps`: what was built there is no concern of these rules.
  const sources = ['libs', 'apps']
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}/src`))
    .filter((folder) => existsSync(join(root, folder)));
  const result = await cruise(
    sources,
    { ...rest, baseDir: root, enhancedResolveOptions, validate: true, ruleSet: { forbidden }, outputType: 'json' },
    enhancedResolveOptions,
    { tsConfig: extractTsConfig(join(root, tsConfig.fileName)) },
  );
  const { summary } = typeof result.output === 'string' ? JSON.parse(result.output) : result.output;
  if (summary.totalCruised === 0) return ['nothing was looked at'];
  return summary.violations.map(
    (/** @type {{ rule: { name: string }, from: string, to: string, cycle?: { name: string }[] }} */ violation) => {
      const path = violation.cycle ? violation.cycle.map(({ name }) => name).join(' → ') : violation.to;
      return `${violation.rule.name}: ${violation.from} → ${path}`;
    },
  );
}
