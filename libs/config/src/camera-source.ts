import { LatchkeyError } from '@latchkey/domain';

/** Where the frames of one camera come from. */
export type CameraSource =
  /** Pictures of a folder, played round and round. */
  | { readonly type: 'folder'; readonly path: string }
  /** A film, played in its own time. */
  | { readonly type: 'file'; readonly path: string }
  /** A Video4Linux device: USB cameras and most others. */
  | { readonly type: 'device'; readonly path: string }
  /** A camera on the CSI connector of a Jetson. */
  | { readonly type: 'csi'; readonly sensorId: number }
  /** A made-up moving picture. */
  | { readonly type: 'test' }
  /** `rtsp:` or `rtsps:`; the address holds no user and no password. */
  | { readonly type: 'rtsp'; readonly url: string; readonly credentials: CameraCredentials | null }
  /** `http:` or `https:`, single pictures or a stream of JPEGs (MJPEG); the address holds no user and no password. */
  | { readonly type: 'http'; readonly url: string; readonly credentials: CameraCredentials | null };

/** User and password of a camera. */
export interface CameraCredentials {
  readonly user: string;
  readonly password: string;
}

/** Names that say that a path without a scheme is a film. */
const films = /\.(avi|flv|h264|h265|m2ts|m4v|mjpe?g|mkv|mov|mp4|mpe?g|ogv|ts|webm|y4m)$/i;
const pictures = /\.(jpe?g|png|webp|gif|bmp|tiff?)$/i;
const scheme = /^([a-z][a-z0-9+.-]*):(?:\/\/)?(.*)$/is;

/**
 * What an address, a device or a path names: `rtsp://…`, `http://…`, `/dev/video0` or `0`, `csi://0`, `test:`, `file:PATH`,
 * `folder:PATH`; a path alone is a film by its ending, else a folder.
 * @throws LatchkeyError `config-invalid`; the message repeats nothing of an address, which may hold a password.
 */
export function parseCameraSource(text: string): CameraSource {
  if (text.trim() === '') throw invalid('The camera is empty');
  const [, name = '', rest = ''] = scheme.exec(text) ?? [];
  switch (name.toLowerCase()) {
    case '':
      return fromPath(text);
    case 'rtsp':
    case 'rtsps':
      return { type: 'rtsp', ...splitAddress(text) };
    case 'http':
    case 'https':
      return { type: 'http', ...splitAddress(text) };
    case 'file':
      return { type: 'file', path: pathOf(rest) };
    case 'folder':
      return { type: 'folder', path: pathOf(rest) };
    case 'v4l2':
      return { type: 'device', path: devicePath(rest) };
    case 'csi':
      return { type: 'csi', sensorId: sensorOf(rest) };
    case 'test':
      return { type: 'test' };
    default:
      throw invalid(`A camera cannot be reached by "${name}:"`);
  }
}

/** The source for logs, events and consoles: without user, password and query, which may hold a token. */
export function describeCameraSource(source: CameraSource): string {
  switch (source.type) {
    case 'csi':
      return `csi://${source.sensorId}`;
    case 'test':
      return 'test:';
    case 'rtsp':
    case 'http': {
      const { protocol, host, pathname, search } = new URL(source.url);
      return `${protocol}//${host}${pathname}${search === '' ? '' : '?…'}`;
    }
    default:
      return source.path;
  }
}

function fromPath(path: string): CameraSource {
  if (/^\d+$/.test(path) || path.startsWith('/dev/')) return { type: 'device', path: devicePath(path) };
  if (films.test(path)) return { type: 'file', path };
  if (pictures.test(path)) throw invalid(`"${path}" is one picture; give the folder that it lies in`);
  return { type: 'folder', path };
}

function devicePath(text: string): string {
  const path = /^\d+$/.test(text) ? `/dev/video${text}` : text;
  if (!/^\/dev\/[\w./:+-]+$/.test(path) || path.includes('/..'))
    throw invalid('A device is a number or a path such as /dev/video0');
  return path;
}

function sensorOf(text: string): number {
  const digits = text === '' ? '0' : text;
  if (!/^\d{1,2}$/.test(digits)) throw invalid('The sensor of a CSI camera is a number: csi://0');
  return Number(digits);
}

function pathOf(text: string): string {
  if (text === '') throw invalid('The path is missing');
  return text;
}

function splitAddress(text: string): { url: string; credentials: CameraCredentials | null } {
  try {
    const url = new URL(text);
    if (url.hostname === '') throw new TypeError('no host');
    const user = decodeURIComponent(url.username);
    const password = decodeURIComponent(url.password);
    url.username = '';
    url.password = '';
    return { url: url.href, credentials: user === '' && password === '' ? null : { user, password } };
  } catch {
    throw invalid('The address of the camera is not valid; characters such as @ in a password are written %40');
  }
}

function invalid(problem: string): LatchkeyError {
  return new LatchkeyError(
    'config-invalid',
    `${problem}. A camera is rtsp://…, http://…, /dev/video0, csi://0, test:, a film, or a folder of pictures.`,
  );
}
