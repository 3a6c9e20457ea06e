import type { CameraConfig, CameraFlip } from '@latchkey/config';
import { LatchkeyError } from '@latchkey/domain';
import { framesFd, type ProgramLaunch } from './camera-program.ts';

/** ffmpeg's filters. */
const flipFilters: Readonly<Record<Exclude<CameraFlip, 'none'>, string>> = {
  'rotate-90': 'transpose=clock',
  'rotate-180': 'hflip,vflip',
  'rotate-270': 'transpose=cclock',
  mirror: 'hflip',
  'upside-down': 'vflip',
};

/** What ffmpeg may open when it is given an address on its standard input. */
const protocols = 'pipe,fd,rtp,rtsp,rtsps,tcp,tls,udp,srtp,crypto';
/** A connection that gives nothing for this long is closed, in microseconds. */
const timeoutUs = 5_000_000;

/** Whether ffmpeg has an input for this camera. */
export function canUseFfmpeg({ source }: CameraConfig): boolean {
  return source.type !== 'folder' && source.type !== 'http' && source.type !== 'csi';
}

/**
 * ffmpeg with the arguments of one camera: at most so many frames a second and none twice, with square pixels, turned,
 * scaled down into the size that was asked for, as PPM pictures. An address with a password is given on standard input.
 * @param program path or name of ffmpeg.
 * @throws LatchkeyError `config-invalid` for a source that ffmpeg is not used for.
 */
export function ffmpegLaunch(camera: CameraConfig, program = 'ffmpeg'): ProgramLaunch {
  const { input, stdin } = inputOf(camera);
  const filters = [
    `select='isnan(prev_selected_t)+gte(t-prev_selected_t,${(0.95 / camera.fps).toFixed(4)})'`,
    ...(camera.flip === 'none' ? [] : [flipFilters[camera.flip]]),
    "scale=w='max(1,trunc(iw*if(sar,sar,1)))':h=ih,setsar=1",
    `scale=w='min(${camera.width},iw)':h='min(${camera.height},ih)':force_original_aspect_ratio=decrease`,
  ];
  return {
    program,
    args: [
      ...(stdin === null ? ['-nostdin'] : []),
      ...['-hide_banner', '-loglevel', 'error'],
      ...input,
      ...['-an', '-sn', '-dn', '-vf', filters.join(','), '-vsync', 'passthrough'],
      ...['-f', 'image2pipe', '-c:v', 'ppm', '-pix_fmt', 'rgb24', '-flush_packets', '1', `pipe:${framesFd}`],
    ],
    stdin,
  };
}

function inputOf({ source, width, height, fps }: CameraConfig): { input: string[]; stdin: string | null } {
  const now = ['-fflags', 'nobuffer', '-flags', 'low_delay'];
  switch (source.type) {
    case 'device': {
      const format = ['-f', 'v4l2', '-framerate', String(fps), '-video_size', `${width}x${height}`];
      return { input: [...now, ...format, '-i', source.path], stdin: null };
    }
    case 'rtsp': {
      const { url, credentials } = source;
      if (!credentials) {
        const over = ['-rtsp_transport', 'tcp', '-timeout', String(timeoutUs)];
        return { input: [...now, ...over, '-i', url], stdin: null };
      }
      const login = [credentials.user, credentials.password].map(encodeAll).join(':');
      const full = url.replace('://', `://${login}@`);
      // ffconcat's quoting: nothing is special within ' but ' itself, which URLs write as %27.
      const stdin = [
        'ffconcat version 1.0',
        `file '${full.replaceAll("'", '%27')}'`,
        `option rtsp_transport tcp`,
        `option timeout ${timeoutUs}`,
        '',
      ].join('\n');
      return {
        input: [...now, '-protocol_whitelist', protocols, '-f', 'concat', '-safe', '0', '-i', 'pipe:0'],
        stdin,
      };
    }
    case 'file':
      return { input: ['-re', '-stream_loop', '-1', '-i', `file:${source.path}`], stdin: null };
    case 'test':
      return { input: ['-re', '-f', 'lavfi', '-i', `testsrc2=size=640x480:rate=${fps}`], stdin: null };
    default:
      throw new LatchkeyError('config-invalid', `ffmpeg is not used for a ${source.type} camera; leave out "program".`);
  }
}

/** Also what `encodeURIComponent` leaves. */
function encodeAll(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
