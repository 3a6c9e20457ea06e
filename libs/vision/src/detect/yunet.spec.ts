import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { openOneEngine } from '../engines/select-engine.ts';
import { decodeImage } from '../image/decode-image.ts';
import { ImagePyramid } from '../image/image-pyramid.ts';
import { warpToPlanes } from '../image/warp.ts';
import { packageFolder } from '../models/model-files.ts';
import { readyOnnx } from '../networks/ready-onnx.ts';
import { decodeYunet } from '../networks/yunet/decode.ts';
import { yunet } from '../networks/yunet/network.ts';
import { suppressOverlaps } from './suppress-overlaps.ts';

const path = fileURLToPath(new URL('../../../../../shared/models/yunet.onnx', import.meta.url));
const there = existsSync(path);
if (!there) console.warn('YuNet is not beside the repository: its test is skipped.');

const engine = await openOneEngine('onnx');
afterAll(() => engine.dispose());

describe('yunet', () => {
  it('is of sizes that are multiples of 32 only', () => {
    expect(() => yunet(320, 240)).toThrow(expect.objectContaining({ code: 'invalid-input' }));
    expect(yunet(640, 480).outputs[0]).toEqual({ name: 'cls_8', shape: ['batch', 4800, 1] });
  });
});

(there ? describe : describe.skip)('YuNet', () => {
  it.each([320, 640])(
    'sees all people of both pictures of a batch, with their features, at %i pixels',
    async (side) => {
      const plane = side * side;
      const data = new Float32Array(2 * 3 * plane);
      for (const [i, number] of [1, 4].entries()) {
        const file = join(packageFolder('@vladmandic/face-api'), 'demo', `sample${number}.jpg`);
        const pyramid = new ImagePyramid(await decodeImage(await readFile(file)));
        const scale = Math.max(pyramid.image.width, pyramid.image.height) / side;
        const rgb = new Float32Array(3 * plane);
        warpToPlanes(pyramid, { a: scale, b: 0, tx: 0, ty: 0 }, side, { mean: [0, 0, 0], factor: 1 }, rgb);
        for (let channel = 0; channel < 3; channel++)
          data.set(rgb.subarray(channel * plane, (channel + 1) * plane), (i * 3 + 2 - channel) * plane);
      }
      const session = await engine.load(readyOnnx(yunet(side, side), await readFile(path)));
      const outputs = await session.run([{ shape: [2, 3, side, side], data }]);
      const faces = [0, 1].map((i) => decodeYunet(outputs, i, side, 0.7));
      expect(faces.map((found) => suppressOverlaps(found, 0.3).length)).toEqual([3, 4]);
      for (const { x, y, width, height, points } of faces.flat()) {
        const [rightEyeX = 0, rightEyeY = 0, leftEyeX = 0, , , , , mouthY = 0] = points;
        expect(rightEyeX).toBeGreaterThan(x);
        expect(leftEyeX).toBeGreaterThan(rightEyeX);
        expect(leftEyeX).toBeLessThan(x + width);
        expect(rightEyeY).toBeGreaterThan(y);
        expect(mouthY).toBeGreaterThan(rightEyeY);
        expect(mouthY).toBeLessThan(y + height);
      }
    },
  );
});
