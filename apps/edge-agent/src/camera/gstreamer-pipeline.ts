import type { CameraConfig, CameraFlip } from '@latchkey/config';
import { LatchkeyError } from '@latchkey/domain';
import { framesFd, type ProgramLaunch } from './camera-program.ts';

/** `videoflip`'s names; its older property `method` takes effect too late for the size to follow. */
const flipMethods: Readonly<Record<Exclude<CameraFlip, 'none'>, string>> = {
  'rotate-90': '90r',
  'rotate-180': '180',
  'rotate-270': '90l',
  mirror: 'horiz',
  'upside-down': 'vert',
};

/** `flip-method` of NVIDIA's `nvvidconv`. */
const nvidiaFlips: Readonly<Record<CameraFlip, number>> = {
  none: 0,
  'rotate-270': 1,
  'rotate-180': 2,
  'rotate-90': 3,
  mirror: 4,
  'upside-down': 6,
};

/** What a CSI sensor is asked for: a mode that the TX2's on-board camera (OV5693) and most others have. */
const csiCaps = 'video/x-raw(memory:NVMM),format=NV12,width=1280,height=720,framerate=30/1';

/** Elements in a row, each with its properties. */
type Element = readonly [name: string, ...properties: string[]];

const newestOnly: Element = ['queue', 'leaky=downstream', 'max-size-buffers=1', 'max-size-bytes=0', 'max-size-time=0'];

/** Whether GStreamer has a source for this camera. */
export function canUseGStreamer({ source }: CameraConfig): boolean {
  return source.type !== 'folder' && source.type !== 'http';
}

/**
 * `gst-launch-1.0` with the pipeline of one camera: source, newest frame only, at most so many a second, turned, scaled
 * down into the size that was asked for with square pixels, as PPM pictures.
 * @throws LatchkeyError `config-invalid` for a source that GStreamer is not used for.
 */
export function gstreamerLaunch(camera: CameraConfig): ProgramLaunch {
  const csi = camera.source.type === 'csi';
  const film = camera.source.type === 'file';
  const elements: Element[] = [
    ...sourceOf(camera),
    // Frames that come while the one before is still worked on are left out here, before they cost anything. A film waits.
    ...(film ? [] : [newestOnly]),
    ['videorate', 'drop-only=true', `max-rate=${Math.max(1, Math.round(camera.fps))}`],
    ['videoconvert'],
    ...(camera.flip === 'none' || csi ? [] : [['videoflip', `video-direction=${flipMethods[camera.flip]}`] as const]),
    ['videoscale'],
    [`video/x-raw,format=RGB,width=[1,${camera.width}],height=[1,${camera.height}],pixel-aspect-ratio=1/1`],
    ['pnmenc'],
    // Only a film has to be held back to its own time.
    ['fdsink', `fd=${framesFd}`, `sync=${film}`],
  ];
  const args = elements.flatMap((element, i) => (i === 0 ? [...element] : ['!', ...element]));
  return { program: 'gst-launch-1.0', args: ['-q', ...args], stdin: null };
}

function sourceOf({ source, width, height, fps, flip }: CameraConfig): Element[] {
  switch (source.type) {
    case 'csi':
      return [
        ['nvarguscamerasrc', `sensor-id=${source.sensorId}`],
        [csiCaps],
        ['nvvidconv', `flip-method=${nvidiaFlips[flip]}`],
        ['video/x-raw,format=BGRx'],
      ];
    case 'device': {
      const size = `width=[1,${width}],height=[1,${height}]`;
      return [
        ['v4l2src', `device=${quoted(source.path)}`, 'do-timestamp=true'],
        [`video/x-raw,${size};image/jpeg,${size}`],
        ['decodebin'],
      ];
    }
    case 'rtsp': {
      const { url, credentials } = source;
      const login = credentials && [`user-id=${quoted(credentials.user)}`, `user-pw=${quoted(credentials.password)}`];
      return [
        [
          'rtspsrc',
          `location=${quoted(url)}`,
          ...(login ?? []),
          'protocols=tcp',
          'latency=100',
          'drop-on-latency=true',
          'tcp-timeout=5000000',
        ],
        // A camera's sound would be linked instead of its picture.
        ['application/x-rtp,media=video'],
        ['decodebin'],
      ];
    }
    case 'file':
      return [['filesrc', `location=${quoted(source.path)}`], ['decodebin']];
    case 'test': {
      const rate = Math.max(1, Math.round(fps));
      return [
        ['videotestsrc', 'is-live=true', 'pattern=ball'],
        [`video/x-raw,width=640,height=480,framerate=${rate}/1`],
      ];
    }
    default:
      throw new LatchkeyError(
        'config-invalid',
        `GStreamer is not used for a ${source.type} camera; leave out "program".`,
      );
  }
}

/** A value that GStreamer's parser takes as it is, whatever is in it. */
function quoted(value: string): string {
  return `"${value.replace(/[\\"]/g, '\\$&')}"`;
}
