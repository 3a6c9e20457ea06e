import { describe, expect, it } from '@jest/globals';
import { cameraState, memoryUse, percent, sensorRows, watts } from './machine-words.ts';

const machine = {
  memoryUsedBytes: 1769 * 1024 ** 2,
  memoryTotalBytes: 7852 * 1024 ** 2,
  gpuLoad: 0.57,
  temperatures: [
    { sensor: 'Tboard', celsius: 29 },
    { sensor: 'GPU', celsius: 101.5 },
    { sensor: 'CPU', celsius: 84.9 },
  ],
  power: [],
};

describe('what a device tells of its machine', () => {
  it('is sensors, the hottest first, and those that are hot are marked', () => {
    expect(sensorRows(machine)).toEqual([
      { sensor: 'GPU', text: '101.5 °C', isHot: true, share: 1 },
      { sensor: 'CPU', text: '84.9 °C', isHot: false, share: 0.8490000000000001 },
      { sensor: 'Tboard', text: '29.0 °C', isHot: false, share: 0.29 },
    ]);
  });

  it('is told in units that people know', () => {
    expect(memoryUse(machine)).toBe('1.7 of 7.7 GB');
    expect([0, 0.057, 1.34].map(percent)).toEqual(['0 %', '6 %', '134 %']);
    expect([0, 1605, 14_400].map(watts)).toEqual(['0.00 W', '1.60 W', '14.4 W']);
  });

  it('has a word for every state of a camera', () => {
    const camera = { id: 'door', framesPerSecond: 0, droppedFrames: 0, stillFrames: 0, restarts: 0 };
    const states = (['starting', 'running', 'lost', 'covered', 'frozen'] as const).map(
      (state) => cameraState({ ...camera, state }).tone,
    );
    expect(states).toEqual(['wait', 'good', 'bad', 'bad', 'bad']);
  });
});
