import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Paths of the photographs that come with face-api, in order. Found from vision, whose dependency it is. */
export function demoPictures(): readonly string[] {
  const fromVision = createRequire(createRequire(import.meta.url).resolve('@latchkey/vision'));
  const folder = join(dirname(fromVision.resolve('@vladmandic/face-api/package.json')), 'demo');
  const pictures = readdirSync(folder).filter((name) => /^sample\d+\.jpg$/.test(name));
  if (!existsSync(folder) || pictures.length === 0) throw new Error(`${folder} has no sample pictures; run npm ci.`);
  return pictures.sort().map((name) => join(folder, name));
}
