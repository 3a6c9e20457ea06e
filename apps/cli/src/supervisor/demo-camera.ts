import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentCamera } from './agent-part.ts';

/** Photographs of people among what face-api ships; beside them lie screenshots and scripts. */
const photograph = /^sample\d+\.jpg$/;

/** The folder that the demo agent's camera plays. Pictures that a user puts there are played as well. */
export function demoCameraFolder(dataDir: string): string {
  return join(dataDir, 'demo-camera');
}

/** That folder as an agent's camera. */
export function demoCamera(dataDir: string): AgentCamera {
  const folder = demoCameraFolder(dataDir);
  return { address: `folder:${folder}`, shown: folder };
}

/** Puts links to the photographs of an installed package into that folder, where they are missing. */
export function fillDemoCamera(dataDir: string, packageFolder: string): void {
  const folder = demoCameraFolder(dataDir);
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(packageFolder).filter((file) => photograph.test(file))) {
    const link = join(folder, name);
    // A link into a checkout that was moved leads nowhere: exists says no, and it is made anew.
    if (existsSync(link)) continue;
    rmSync(link, { force: true });
    symlinkSync(join(packageFolder, name), link);
  }
}
