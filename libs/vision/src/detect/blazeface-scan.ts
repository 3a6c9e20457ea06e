import { decodeBlazeface } from '../networks/blazeface/decode.ts';
import { BLAZEFACE_INPUT_PX } from '../networks/blazeface/network.ts';
import { squareAround } from './face-square.ts';
import { type ScanningNetwork, squareWindow } from './scanning-detector.ts';

/** Side of the square for the landmarks in widths of BlazeFace's box; best of 1.0 … 1.4 on lfw-dev. */
const SQUARE = 1.2;

/** Height of a face, forehead to chin, in heights of BlazeFace's box (median of 123 pictures of lfw-dev). */
const FACE_HEIGHT = 1.22;

/** Right eye, left eye, nose tip and mouth of six points. */
const FEATURES = 8;

/** BlazeFace as a detector. */
export const blazefaceScan: ScanningNetwork = {
  name: 'blazeface',
  givesFivePoints: false,
  windowOf: squareWindow(BLAZEFACE_INPUT_PX),
  pixels: { mean: [127.5, 127.5, 127.5], factor: 1 / 127.5 },
  faceHeight: FACE_HEIGHT,
  // Scores were highest with a black frame of a quarter of the picture on each side (lfw-dev). Of boxes of 8.5 px 99 % were
  // found, with the score for tiles 98 % of those from 10 px on.
  limits: {
    margin: 0.25,
    smallestInWhole: 8.7 / BLAZEFACE_INPUT_PX,
    smallestInTiles: 14 / BLAZEFACE_INPUT_PX,
    step: 4,
  },
  // MediaPipe's own threshold.
  minScore: 0.5,
  // In fine grids background texture scores up to 0.6 in the sample pictures; faces score more.
  minScoreInTiles: 0.62,
  decode: (outputs, minScore) => decodeBlazeface(outputs, 0, minScore),
  describe: (face) => ({
    ...face,
    square: squareAround(face, SQUARE, 0, face.points),
    fivePoints: null,
    features: face.points.slice(0, FEATURES),
  }),
};
