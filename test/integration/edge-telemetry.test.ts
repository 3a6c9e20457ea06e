import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { decodePayload, type Telemetry } from '@latchkey/contracts';
import { eventually } from '@latchkey/testing';
import { AgentSite } from './agent-site.ts';
import { processesWith } from './camera-fixture.ts';

/** As a TX2 writes it. */
const line =
  'RAM 1769/7852MB (lfb 1155x4MB) SWAP 0/3926MB (cached 0MB) CPU [3%@345,off,off,0%@345,2%@345,3%@345] EMC_FREQ 1%@204 GR3D_FREQ 57%@1134 PMIC@100C GPU@32.5C VDD_IN 1605/1644';

let site: AgentSite;

beforeEach(() => {
  site = new AgentSite();
});

afterEach(() => site.close());

it('telemetry of an agent tells of its camera, its process and its machine, and tegrastats ends with it', async () => {
  const programs = site.folder.file('programs');
  mkdirSync(programs);
  writeFileSync(`${programs}/tegrastats`, `#!/bin/sh\nwhile :; do echo '${line}'; sleep 1; done\n`);
  chmodSync(`${programs}/tegrastats`, 0o755);
  const camera = site.folder.file('camera');
  await site.open({ PATH: `${programs}:${process.env.PATH}` });
  const told: Telemetry[] = [];
  site.raw.subscribe('latchkey/v1/main/front/telemetry', ({ payload }) => {
    told.push(decodePayload('telemetry', payload));
  });
  site.show(1);
  site.agent.start();
  const [first] = await eventually('telemetry comes', () => told.length > 0 && told, 60_000);
  expect(first?.machine).toEqual({
    memoryUsedBytes: 1769 * 1024 ** 2,
    memoryTotalBytes: 7852 * 1024 ** 2,
    gpuLoad: 0.57,
    temperatures: [{ sensor: 'GPU', celsius: 32.5 }],
    power: [{ rail: 'VDD_IN', milliwatts: 1605 }],
  });
  expect(first?.cameras).toMatchObject([{ id: 'camera', source: camera, state: 'running', lastProblem: null }]);
  expect(first).toMatchObject({ galleryLocked: false, cpuShare: expect.any(Number) });
  expect(first?.cpuShare).toBeGreaterThan(0);
  expect(processesWith(`${programs}/tegrastats`)).toHaveLength(1);
  await site.agent.stop();
  await eventually('tegrastats ends too', () => processesWith(`${programs}/tegrastats`).length === 0);
});
