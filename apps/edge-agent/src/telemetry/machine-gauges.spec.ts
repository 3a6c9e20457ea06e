import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { machineTelemetry } from '@latchkey/contracts';
import { eventually, type TemporaryFolder, temporaryFolder } from '@latchkey/testing';
import { LinuxGauges } from './linux.gauges.ts';
import { FirstGauges } from './machine-gauges.ts';
import { TegrastatsGauges } from './tegrastats.gauges.ts';
import { machineOfTegrastats } from './tegrastats-line.ts';

const megabyte = 1024 ** 2;

/** Lines as the boards write them, by the release of L4T. */
const samples = {
  'TX2, L4T 32':
    'RAM 1769/7852MB (lfb 1155x4MB) SWAP 0/3926MB (cached 0MB) CPU [3%@345,off,off,0%@345,2%@345,3%@345] EMC_FREQ 1%@204 GR3D_FREQ 57%@1134 APE 150 PLL@34C MCPU@34C PMIC@100C Tboard@29C GPU@32.5C BCPU@34C thermal@33.4C Tdiode@31.5C VDD_SYS_GPU 152/152 VDD_SYS_SOC 382/382 VDD_4V0_WIFI 0/19 VDD_IN 1605/1644 VDD_SYS_CPU 152/152 VDD_SYS_DDR 213/213',
  'AGX Xavier, L4T 32':
    'RAM 4181/15692MB (lfb 1628x4MB) SWAP 0/7846MB (cached 0MB) CPU [4%@1190,3%@1190,2%@1190,1%@1190,off,off,off,off] EMC_FREQ 0%@665 GR3D_FREQ 0%@318 APE 150 MTS fg 0% bg 0% AO@36.5C GPU@36.5C Tboard@36C Tdiode@39.25C AUX@36C CPU@37.5C thermal@36.55C PMIC@100C GPU 0/0 CPU 311/311 SOC 933/933 CV 0/0 VDDRQ 155/155 SYS5V 1523/1523',
  'AGX Orin, L4T 35':
    'RAM 2823/30536MB (lfb 5949x4MB) SWAP 0/15268MB (cached 0MB) CPU [0%@729,0%@729,0%@729,0%@729,off,off,off,off,off,off,off,off] EMC_FREQ 0%@2133 GR3D_FREQ 12%@[611,611] VIC_FREQ 729 APE 174 CV0@-256C CPU@47.531C Tboard@36C SOC2@43.906C Tdiode@36.25C SOC0@44.031C CV1@-256C GPU@-256C tj@47.531C SOC1@43.656C CV2@-256C VDD_GPU_SOC 1190mW/1190mW VDD_CPU_CV 396mW/396mW VIN_SYS_5V0 2725mW/2725mW NC 0mW/0mW VDDQ_VDD2_1V8AO 302mW/302mW NC 0mW/0mW',
  'Orin NX, L4T 36':
    '11-27-2024 14:02:13 RAM 2000/15656MB (lfb 3x2048kB) SWAP 0/7828MB (cached 0MB) CPU [1%@729,0%@729,0%@729,0%@729,0%@729,0%@729,0%@729,0%@729] EMC_FREQ 0%@2133 GR3D_FREQ 0%@[624] NVENC off NVDEC off NVJPG off NVJPG1 off VIC off OFA off APE 200 cpu@45.312C soc2@44.125C soc0@43.875C gpu@43.531C tj@45.312C soc1@44.843C VDD_IN 4162mW/4100mW VDD_CPU_GPU_CV 1119mW/1119mW VDD_SOC 1279mW/1280mW',
  'Nano, L4T 32, old':
    'RAM 613/3964MB (lfb 634x4MB) IRAM 0/252kB(lfb 252kB) CPU [2%@102,1%@102,0%@102,0%@102] EMC_FREQ 0% GR3D_FREQ 0% PLL@39C CPU@40.5C PMIC@100C GPU@41C AO@46C thermal@41C POM_5V_IN 900/943 POM_5V_GPU 0/0 POM_5V_CPU 123/123',
} as const;

const read = (board: keyof typeof samples) => machineTelemetry.parse(machineOfTegrastats(samples[board]));
const degrees = (board: keyof typeof samples) =>
  Object.fromEntries(read(board).temperatures.map(({ sensor, celsius }) => [sensor, celsius]));
const watts = (board: keyof typeof samples) =>
  Object.fromEntries(read(board).power.map(({ rail, milliwatts }) => [rail, milliwatts]));

describe('a line of tegrastats', () => {
  it('has memory and the graphics processor’s load', () => {
    const seen = Object.keys(samples).map((board) => {
      const { memoryUsedBytes, memoryTotalBytes, gpuLoad } = read(board as keyof typeof samples);
      return [memoryUsedBytes / megabyte, memoryTotalBytes / megabyte, gpuLoad];
    });
    expect(seen).toEqual([
      [1769, 7852, 0.57],
      [4181, 15692, 0],
      [2823, 30536, 0.12],
      [2000, 15656, 0],
      [613, 3964, 0],
    ]);
  });

  it('has temperatures, without the 100 °C of power controllers and the −256 °C of parts that are off', () => {
    expect(degrees('TX2, L4T 32')).toEqual({
      PLL: 34,
      MCPU: 34,
      Tboard: 29,
      GPU: 32.5,
      BCPU: 34,
      thermal: 33.4,
      Tdiode: 31.5,
    });
    expect(degrees('AGX Xavier, L4T 32')).toEqual({
      AO: 36.5,
      GPU: 36.5,
      Tboard: 36,
      Tdiode: 39.3,
      AUX: 36,
      CPU: 37.5,
      thermal: 36.6,
    });
    expect(degrees('AGX Orin, L4T 35')).toEqual({
      CPU: 47.5,
      Tboard: 36,
      SOC2: 43.9,
      Tdiode: 36.3,
      SOC0: 44,
      tj: 47.5,
      SOC1: 43.7,
    });
    expect(degrees('Orin NX, L4T 36')).toEqual({ cpu: 45.3, soc2: 44.1, soc0: 43.9, gpu: 43.5, tj: 45.3, soc1: 44.8 });
    expect(degrees('Nano, L4T 32, old')).toEqual({ PLL: 39, CPU: 40.5, GPU: 41, AO: 46, thermal: 41 });
  });

  it('has the power of the moment, in milliwatts, with and without the unit', () => {
    expect(watts('TX2, L4T 32')).toEqual({
      VDD_SYS_GPU: 152,
      VDD_SYS_SOC: 382,
      VDD_4V0_WIFI: 0,
      VDD_IN: 1605,
      VDD_SYS_CPU: 152,
      VDD_SYS_DDR: 213,
    });
    expect(watts('AGX Xavier, L4T 32')).toEqual({ GPU: 0, CPU: 311, SOC: 933, CV: 0, VDDRQ: 155, SYS5V: 1523 });
    expect(watts('AGX Orin, L4T 35')).toEqual({
      VDD_GPU_SOC: 1190,
      VDD_CPU_CV: 396,
      VIN_SYS_5V0: 2725,
      VDDQ_VDD2_1V8AO: 302,
    });
    expect(watts('Orin NX, L4T 36')).toEqual({ VDD_IN: 4162, VDD_CPU_GPU_CV: 1119, VDD_SOC: 1279 });
    expect(watts('Nano, L4T 32, old')).toEqual({ POM_5V_IN: 900, POM_5V_GPU: 0, POM_5V_CPU: 123 });
  });

  it('is told from other lines', () => {
    for (const line of ['', 'tegrastats: cannot open /sys/…', 'SWAP 0/3926MB'])
      expect(machineOfTegrastats(line)).toBe(null);
  });
});

describe('gauges of a machine', () => {
  let folder: TemporaryFolder;

  beforeEach(() => {
    folder = temporaryFolder();
  });

  afterEach(() => folder.remove());

  function zone(number: number, type: string, temp: string | null): void {
    mkdirSync(folder.file(`thermal_zone${number}`));
    writeFileSync(folder.file(`thermal_zone${number}/type`), `${type}\n`);
    if (temp !== null) writeFileSync(folder.file(`thermal_zone${number}/temp`), `${temp}\n`);
  }

  function program(name: string, ...lines: string[]): string {
    writeFileSync(folder.file(name), ['#!/bin/sh', ...lines, ''].join('\n'));
    chmodSync(folder.file(name), 0o755);
    return folder.file(name);
  }

  it('are thermal zones where there is nothing better', async () => {
    zone(10, 'tj-thermal', '47531');
    zone(2, 'GPU-therm', '32500');
    zone(4, 'PMIC-Die', '100000');
    zone(5, 'CV0-thermal', '-256000');
    zone(6, 'x86_pkg_temp', '100000');
    zone(7, 'off', null);
    zone(8, 'broken', 'Resource temporarily unavailable');
    mkdirSync(folder.file('cooling_device0'));
    const shown = machineTelemetry.parse(await new LinuxGauges(folder.path).read());
    expect(shown).toMatchObject({ gpuLoad: null, power: [] });
    expect(shown.temperatures).toEqual([
      { sensor: 'GPU', celsius: 32.5 },
      { sensor: 'x86_pkg_temp', celsius: 100 },
      { sensor: 'tj', celsius: 47.5 },
    ]);
    expect(shown.memoryUsedBytes).toBeLessThan(shown.memoryTotalBytes);
    expect((await new LinuxGauges(folder.file('none')).read())?.temperatures).toEqual([]);
  });

  it('are what tegrastats said last, where it is installed, until it ends', async () => {
    const lines = Object.values(samples).map((sample) => `echo '${sample}'`);
    const tegrastats = new TegrastatsGauges(program('tegrastats', ...lines, 'echo nonsense', 'exec sleep 60'));
    const gauges = new FirstGauges([tegrastats, new LinuxGauges(folder.file('none'))]);
    expect((await gauges.read())?.power).toEqual([]);
    gauges.start();
    gauges.start();
    await eventually('the last line is read', async () => (await gauges.read())?.memoryUsedBytes === 613 * megabyte);
    gauges.stop();
    gauges.stop();
    expect(await tegrastats.read()).toBe(null);
  });

  it('are the others where tegrastats is not installed or ends', async () => {
    for (const path of [folder.file('missing'), program('broken', 'exit 1')]) {
      const gauges = new FirstGauges([new TegrastatsGauges(path), new LinuxGauges(folder.file('none'))]);
      gauges.start();
      expect(await gauges.read()).toMatchObject({ gpuLoad: null });
      gauges.stop();
    }
  });
});
