import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Photographs of people among what face-api ships; beside them lie screenshots and scripts. */
const photograph = /^sample\d+\.jpg$/;

/**
 * The folder that the demo agent's camera plays, `DATA/demo-camera`: links to the photographs of an installed package.
 * Pictures that a user puts there are played as well.
 */
export function demoCameraFolder(dataDir: string, packageFolder: string): string {
  const folder = join(dataDir, 'demo-camera');
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(packageFolder).filter((file) => photograph.test(file))) {
    const link = join(folder, name);
    // A link into a checkout that was moved leads nowhere: exists says no, and it is made anew.
    if (existsSync(link)) continue;
    rmSync(link, { force: true });
    symlinkSync(join(packageFolder, name), link);
  }
  return folder;
}
