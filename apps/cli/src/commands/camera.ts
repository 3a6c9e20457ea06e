import { writeFile } from 'node:fs/promises';
import { describeCameraSource, parseCamera, readCliConfig } from '@latchkey/config';
import { LatchkeyError } from '@latchkey/domain';
import { cropJpeg } from '@latchkey/vision';
import type { Command } from 'commander';
import { measureCamera } from '../camera/measure-camera.ts';
import { interruptible } from '../engines/interruptible.ts';
import { exitCodes } from '../exit-codes.ts';
import { parseSeconds } from '../option-parsers.ts';
import { outputOf } from '../output.ts';

interface TestFlags {
  readonly seconds: number;
  readonly wait: number;
  readonly save: string;
}

/** Larger than any frame's JPEG: nothing is made smaller for it. */
const anySize = { maxBytes: 20_000_000, maxSidePx: 4096, margin: 0 };

/** `latchkey camera test`: what an agent would see. */
export function addCameraCommand(program: Command): void {
  const camera = program.command('camera').description('Cameras of this machine.');
  const test = camera
    .command('test')
    .description(
      'Opens a camera as an agent would, says what reads it and how many frames come, and saves one. Exit code 2: it is ' +
        'not named rightly, 3: it gives no frames.',
    )
    .argument(
      '[camera]',
      'rtsp://…, http://…, /dev/video0, csi://0, test:, a film, or a folder; settings after #: "0#width=640&fps=10". ' +
        'Default: LATCHKEY_CAMERA, where nobody sees a password in it',
    )
    .option('--seconds <seconds>', 'how long frames are counted', parseSeconds, 5)
    .option('--wait <seconds>', 'how long to wait for the first frame', parseSeconds, 15)
    .option('--save <file>', 'where the picture goes', 'camera-test.jpg');
  test.action(async (address: string | undefined, { seconds, wait, save }: TestFlags) => {
    const output = outputOf(test);
    const named = address ?? readCliConfig().camera;
    if (named === null) {
      throw new LatchkeyError('invalid-input', 'Name a camera, or set LATCHKEY_CAMERA.');
    }
    const config = parseCamera(named);
    const { openSource } = await import('@latchkey/edge-agent');
    const measured = await interruptible(output, (signal) =>
      measureCamera((clock, report) => openSource(config, clock, report), {
        seconds,
        waitSeconds: wait,
        signal,
        onOpened: (description) => output.note(description),
      }),
    );
    if (!measured) return;
    const { image, ...figures } = measured;
    await savePicture(save, await cropJpeg(image, { x: 0, y: 0, width: image.width, height: image.height }, anySize));
    output.result(
      [
        `${describeCameraSource(config.source)} gives ${figures.width} × ${figures.height} pixels, ${figures.framesPerSecond} frames a second`,
        `first frame after ${(figures.firstFrameMs / 1000).toFixed(1)} s, longest gap ${figures.longestGapMs} ms, ${figures.droppedFrames} dropped of ${figures.frames}`,
        `picture: ${save}`,
      ].join('\n'),
      { camera: describeCameraSource(config.source), ...figures, picture: save },
    );
    process.exitCode = exitCodes.done;
  });
}

async function savePicture(path: string, jpeg: Uint8Array): Promise<void> {
  try {
    await writeFile(path, jpeg);
  } catch (cause) {
    throw new LatchkeyError('storage-failed', `The picture cannot be written to ${path}; pass another --save.`, {
      cause,
    });
  }
}
