export {
  distance,
  type Encoding,
  encodingFromBytes,
  encodingToBytes,
  type ModelId,
  squaredDistance,
} from './encoding.ts';
export { type ErrorCode, errorCodes, isLatchkeyError, LatchkeyError, type LatchkeyErrorOptions } from './errors.ts';
export { bodyHashOf, uuidV7 } from './event-identity.ts';
export {
  applyOperations,
  type ChangeVerdict,
  contentHashOf,
  contentHashOfRows,
  encodingRowHash,
  type GalleryChange,
  type GalleryContent,
  type GalleryEncoding,
  type GalleryHead,
  type GalleryOperation,
  type GalleryPerson,
  genesisHash,
  judgeChange,
  logHashAfter,
  personRowHash,
} from './gallery-log.ts';
export { canonicalJson, hashOf, sha256Hex } from './hash.ts';
export type { Box, Camera, Clock, Door, EpochMs, Frame, RgbImage } from './ports.ts';
export { inRanges, type SequenceRange, toRanges } from './sequence-ranges.ts';
