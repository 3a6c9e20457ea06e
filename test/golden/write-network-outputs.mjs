// Writes network-outputs.json anew from the built libraries and prints how far each engine that loads is from it:
// `node test/golden/write-network-outputs.mjs [folder of engines]`, with ../shared/models beside the repository. The outputs are computed in double precision by src/reference, by no engine.
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CompiledCache, decodeImage, openEveryEngine } from '@latchkey/vision';
import { evaluateGraph } from '../../libs/vision/dist/reference/evaluate-graph.js';
import { networkCases } from '../../libs/vision/dist/reference/network-cases.js';
import { digestOf } from '../../libs/vision/dist/reference/output-digest.js';

const [engineDir] = process.argv.slice(2);
const engines = await openEveryEngine({ engineDir });
const readyFolder = fileURLToPath(new URL('../../../shared/models/', import.meta.url));
const cases = await networkCases(new CompiledCache(join(tmpdir(), 'latchkey-golden')), decodeImage, readyFolder);
const golden = {};
for (const { network, inUnit, inputs } of cases) {
  const graph = await network.graph();
  for (const [input, tensors] of Object.entries(inputs)) {
    const exact = evaluateGraph(
      graph,
      tensors.map(({ shape, data }) => ({ shape, data: Float64Array.from(data) })),
    );
    const results = [];
    for (const engine of engines) {
      const session = await engine.load(network);
      results.push(await session.run(tensors));
      await session.dispose();
    }
    exact.forEach(({ shape, data }, i) => {
      const { name } = network.outputs[i];
      const largest = data.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
      const worst = (a, b) => a.reduce((max, value, k) => Math.max(max, Math.abs(value - b[k])), 0);
      const all = engines.map((engine, e) => `${engine.name} ${worst(results[e][i].data, data).toExponential(1)}`);
      const apartIn = (unit) =>
        Math.max(...results.flatMap((a) => results.map((b) => worst(unit(a[i].data), unit(b[i].data)))));
      const apart = apartIn((values) => values);
      const used = apartIn((values) => Array.from(values, (value) => inUnit(name, value)));
      const line = `${network.name} ${input} ${name} of ${largest.toPrecision(3)}: ${all.join(', ')}`;
      console.log(`${line}; engines apart ${apart.toExponential(1)}, as used ${used.toExponential(1)}`);
      golden[network.name] ??= {};
      golden[network.name][name] ??= {};
      golden[network.name][name][input] = digestOf(shape, data);
    });
  }
}
const lines = Object.entries(golden).map(([network, outputs]) => {
  const inner = Object.entries(outputs).map(([name, inputs]) => {
    const digests = Object.entries(inputs).map(([input, digest]) => `      "${input}": ${JSON.stringify(digest)}`);
    return `    "${name}": {\n${digests.join(',\n')}\n    }`;
  });
  return `  "${network}": {\n${inner.join(',\n')}\n  }`;
});
await writeFile(new URL('network-outputs.json', import.meta.url), `{\n${lines.join(',\n')}\n}\n`);
for (const engine of engines) await engine.dispose();
