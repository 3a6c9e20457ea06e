import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Path of one of the six photographs that the npm package of face-api brings along, 1 … 6. */
export function samplePath(number: number): string {
  return fileURLToPath(new URL(`../../node_modules/@vladmandic/face-api/demo/sample${number}.jpg`, import.meta.url));
}

/** Folder of LFW's development pairs beside the repository, or null where there is none. */
export function lfwFolder(): string | null {
  const folder = fileURLToPath(new URL('../../../shared/faces/lfw-dev/', import.meta.url));
  return existsSync(folder) ? folder : null;
}
