import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { readModelManifest, readOptionalModels, versionOf } from './model-manifest.ts';

const document = readFileSync(new URL('../../../../docs/models.md', import.meta.url), 'utf8');
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

describe('docs/models.md', () => {
  it('has the models of the manifest in its table, with their versions, sizes, licences and origins', async () => {
    const bundled = (await readModelManifest()).map(({ files, source, ...model }) => ({
      ...model,
      size: megabytes(files.reduce((sum, { bytes }) => sum + bytes, 0)),
      from: `comes along, ${source.replace(/^npm:/, '')}`,
    }));
    const optional = (await readOptionalModels()).map(({ download, folder, source, ...model }) => ({
      ...model,
      size: download ? megabytes(download.bytes) : `${folder?.files} files`,
      from: `${download ? 'download' : '`--file`'}, ${source}`,
    }));
    const rows = [...bundled, ...optional].map(({ name, task, version, size, licence, from }) =>
      [`\`${name}\``, task, version, size, licence, from].join(' | '),
    );
    const written = [...document.matchAll(/^\| (`.+) \|$/gm)].map(([, row]) => row);
    expect(written.filter((row) => row?.split(' | ').length === 6)).toEqual(rows);
  });

  it('has the variants of the manifest', async () => {
    const rows = (await readOptionalModels()).flatMap((model) =>
      model.variants.map((variant) =>
        [`\`${model.name}\``, `\`${versionOf(model, variant)}\``, megabytes(variant.bytes), variant.note].join(' | '),
      ),
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(document).toContain(`| ${row} |\n`);
  });
});
