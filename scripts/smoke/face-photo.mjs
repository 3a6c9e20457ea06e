import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * A photo of somebody whom the demo camera shows that is none of its frames: mirrored, cut out and scaled by 0.9.
 * @param {string} checkout a built checkout
 * @returns {Promise<Buffer>} JPEG
 */
export async function photoOfDemoFace(checkout) {
  const fromVision = createRequire(join(checkout, 'libs/vision/package.json'));
  const { default: sharp } = await import(pathToFileURL(fromVision.resolve('sharp')).href);
  const { createFaceAnalyzer, decodeImage } = await import(
    pathToFileURL(join(checkout, 'libs/vision/dist/index.js')).href
  );
  const folder = join(dirname(fromVision.resolve('@vladmandic/face-api/package.json')), 'demo');
  const analyzer = await createFaceAnalyzer({ cacheDir: join(checkout, 'node_modules/.cache/latchkey/models') });
  try {
    for (const name of readdirSync(folder).filter((file) => /^sample\d+\.jpg$/.test(file))) {
      const picture = readFileSync(join(folder, name));
      const { width, height } = await decodeImage(picture);
      const [face] = await analyzer.analyze(await decodeImage(picture));
      if (!face || face.quality.score < 50) continue;
      const { box } = face;
      const left = Math.max(0, Math.floor(box.x - box.width * 0.4));
      const top = Math.max(0, Math.floor(box.y - box.height * 0.5));
      const area = {
        left,
        top,
        width: Math.min(width - left, Math.ceil(box.width * 1.8)),
        height: Math.min(height - top, Math.ceil(box.height * 1.9)),
      };
      const photo = await sharp(picture)
        .extract(area)
        .flop()
        .resize({ width: Math.round(area.width * 0.9) })
        .jpeg({ quality: 92 })
        .toBuffer();
      if ((await analyzer.analyze(await decodeImage(photo))).length === 1) return photo;
    }
    throw new Error(`no picture in ${folder} shows one good face that can be cut out`);
  } finally {
    await analyzer.dispose();
  }
}
