import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { LatchkeyError } from '@latchkey/domain';

const fromHere = createRequire(import.meta.url);

/** Where the parts that `latchkey up` starts are installed. */
export interface PartPaths {
  /** Compiled entry of central. */
  readonly central: string;
  /** Compiled entry of the edge agent. */
  readonly agent: string;
  /** Folder of the built page; null when it was not built. */
  readonly dashboard: string | null;
  /** Photographs that come with an installed package, the demo agent's camera. */
  readonly demoCamera: string;
}

/** The parts as they are installed beside this package. */
export function installedParts(): PartPaths {
  const dashboard = join(packageRoot('@latchkey/dashboard/package.json'), 'dist');
  // The package's samples; its entry stands two folders deep. Resolved from vision, whose dependency it is.
  const fromVision = createRequire(fromHere.resolve('@latchkey/vision'));
  return {
    central: join(packageRoot('@latchkey/central'), 'dist', 'main.js'),
    agent: join(packageRoot('@latchkey/edge-agent'), 'dist', 'main.js'),
    dashboard: existsSync(join(dashboard, 'index.html')) ? dashboard : null,
    demoCamera: join(dirname(fromVision.resolve('@vladmandic/face-api/package.json')), 'demo'),
  };
}

/** Folder of a package of ours, from a file of it that is exported. */
function packageRoot(name: string): string {
  let folder = dirname(fromHere.resolve(name));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder)
      throw new LatchkeyError('missing-file', `The package ${name} is not installed; run "npm ci".`);
    folder = parent;
  }
  return folder;
}
