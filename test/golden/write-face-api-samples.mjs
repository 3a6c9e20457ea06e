// Writes face-api-samples.json anew from the built libraries: `node test/golden/write-face-api-samples.mjs`.
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFaceAnalyzer, decodeImage } from '@latchkey/vision';

const analyzer = await createFaceAnalyzer({ cacheDir: join(tmpdir(), 'latchkey-golden') });
const faces = [];
for (let sample = 1; sample <= 6; sample++) {
  const path = new URL(`../../node_modules/@vladmandic/face-api/demo/sample${sample}.jpg`, import.meta.url);
  for (const { box, encoding } of await analyzer.analyze(await decodeImage(await readFile(path)))) {
    const rounded = Object.fromEntries(Object.entries(box).map(([key, value]) => [key, Number(value.toFixed(1))]));
    faces.push({ sample, box: rounded, encoding: [...encoding.values].map((value) => Number(value.toFixed(6))) });
  }
}
const lines = faces.map((face) => `    ${JSON.stringify(face)}`).join(',\n');
const text = `{\n  "modelId": ${JSON.stringify(analyzer.model.id)},\n  "faces": [\n${lines}\n  ]\n}\n`;
await writeFile(new URL('face-api-samples.json', import.meta.url), text);
await analyzer.dispose();
