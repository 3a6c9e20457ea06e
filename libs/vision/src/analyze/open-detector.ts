import { LatchkeyError } from '@latchkey/domain';
import { blazefaceScan } from '../detect/blazeface-scan.ts';
import { type DetectionLimits, ssdScan, tinyFaceScan } from '../detect/box-scans.ts';
import type { DetectFaces, PackagedDetectorName } from '../detect/detect-faces.ts';
import { ScanningDetector, type ScanningNetwork } from '../detect/scanning-detector.ts';
import { SessionsBySize } from '../detect/sessions-by-size.ts';
import { yunetScan } from '../detect/yunet-scan.ts';
import { readAddedModel } from '../models/model-files.ts';
import { findModel, type ModelEntry, readOptionalModels } from '../models/model-manifest.ts';
import { blazeface } from '../networks/blazeface/network.ts';
import { loadable } from '../networks/load-network.ts';
import type { Network } from '../networks/network.ts';
import { readyOnnx } from '../networks/ready-onnx.ts';
import { ssdMobilenet } from '../networks/ssd-mobilenet/network.ts';
import { tinyFace } from '../networks/tiny-face/network.ts';
import { yunet } from '../networks/yunet/network.ts';
import type { NetworkContext } from './network-context.ts';

/** A detector that a user has added: a file that `weights/manifest.json` names, checked against its SHA-256. */
export interface AddedDetector {
  readonly model: 'yunet';
  readonly path: string;
}

/** Which detector finds the faces: one that comes with Latchkey by name, or an added one. */
export type DetectorChoice = PackagedDetectorName | AddedDetector;

/** A detector that is ready. */
export interface OpenDetector {
  /** Its name and version. */
  readonly id: string;
  readonly detector: DetectFaces;
}

const packaged: Readonly<
  Record<PackagedDetectorName, { readonly network: Network; scan(models: readonly ModelEntry[]): ScanningNetwork }>
> = {
  blazeface: { network: blazeface, scan: () => blazefaceScan },
  'ssd-mobilenet': { network: ssdMobilenet, scan: (models) => ssdScan(limitsOf(models, ssdMobilenet.name)) },
  'tiny-face': { network: tinyFace, scan: (models) => tinyFaceScan(limitsOf(models, tinyFace.name)) },
};

/**
 * Opens a detector.
 * @throws LatchkeyError `model-missing` or `model-corrupt` that name the file.
 */
export async function openDetector(context: NetworkContext, choice: DetectorChoice): Promise<OpenDetector> {
  const { engine, models, cache, onProgress } = context;
  if (typeof choice === 'string') {
    const { network, scan } = packaged[choice];
    const session = await engine.load(loadable(network, models, cache, onProgress));
    const { version } = findModel(models, choice);
    return { id: `${choice}@${version}`, detector: new ScanningDetector(async () => session, scan(models)) };
  }
  const optional = await readOptionalModels();
  const { bytes, version } = await readAddedModel(findModel(optional, choice.model), choice.path);
  const sessions = new SessionsBySize((width, height) => engine.load(readyOnnx(yunet(width, height), bytes)));
  // A camera's size, so that an engine that cannot run it says so here.
  await sessions.of(416, 320);
  const detector = new ScanningDetector(
    (width, height) => sessions.of(width, height),
    yunetScan(limitsOf(optional, choice.model)),
  );
  return { id: `${choice.model}@${version}`, detector };
}

function limitsOf(
  entries: readonly { readonly name: string; readonly detection?: DetectionLimits | undefined }[],
  name: string,
): DetectionLimits {
  const { detection } = findModel(entries, name);
  if (!detection) throw new LatchkeyError('model-corrupt', `weights/manifest.json has no "detection" for ${name}.`);
  return detection;
}
