import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readAgentConfig } from './agent.config.ts';
import { parseCamera } from './camera.config.ts';
import { describeCameraSource, parseCameraSource } from './camera-source.ts';

describe('what a camera is named by', () => {
  it.each([
    ['pictures', { type: 'folder', path: 'pictures' }],
    ['folder:a.mp4', { type: 'folder', path: 'a.mp4' }],
    ['clips/a b.MKV', { type: 'file', path: 'clips/a b.MKV' }],
    ['file:///srv/clip', { type: 'file', path: '/srv/clip' }],
    ['0', { type: 'device', path: '/dev/video0' }],
    ['/dev/v4l/by-id/usb-1.2:1.0', { type: 'device', path: '/dev/v4l/by-id/usb-1.2:1.0' }],
    ['v4l2:///dev/video3', { type: 'device', path: '/dev/video3' }],
    ['csi://1', { type: 'csi', sensorId: 1 }],
    ['csi:', { type: 'csi', sensorId: 0 }],
    ['test:', { type: 'test' }],
    ['rtsp://cam:554/a?b=1', { type: 'rtsp', url: 'rtsp://cam:554/a?b=1', credentials: null }],
    ['http://cam/snap.jpg', { type: 'http', url: 'http://cam/snap.jpg', credentials: null }],
    [
      'RTSP://ada:p%40ss:w@cam/a',
      { type: 'rtsp', url: 'rtsp://cam/a', credentials: { user: 'ada', password: 'p@ss:w' } },
    ],
  ])('%s', (text, source) => {
    expect(parseCameraSource(text)).toEqual(source);
  });

  it.each([
    '',
    'me.jpg',
    'ftp://cam/a',
    'http://',
    'rtsp://',
    '/dev/../etc/passwd',
    'csi://x',
    'file:',
    'v4l2:/etc/passwd',
  ])('"%s" is no camera', (text) => {
    expect(() => parseCameraSource(text)).toThrow(expect.objectContaining({ code: 'config-invalid' }));
  });

  it('is shown without what may be secret', () => {
    for (const text of ['rtsp://ada:secret@cam/a?token=secret', 'https://secret@cam/a?secret']) {
      const shown = describeCameraSource(parseCameraSource(text));
      expect(shown).toMatch(/^(rtsp|https):\/\/cam\/a\?…$/);
    }
  });

  it('is not repeated by the message about an address that is wrong', () => {
    expect(() => parseCamera('rtsp://ada:secret@[cam/a')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') }),
    );
  });
});

describe('a camera', () => {
  it('has settings after a #, and defaults by its kind', () => {
    expect(parseCamera('rtsp://cam/a#x=1#fps=10&flip=rotate-90&motionGate=false')).toMatchObject({
      id: 'camera',
      source: { url: 'rtsp://cam/a#x=1' },
      fps: 10,
      flip: 'rotate-90',
      motionGate: false,
      minFacePx: 48,
      region: null,
      masks: [],
    });
    expect([parseCamera('pictures').fps, parseCamera('test:').fps]).toEqual([5, 15]);
    expect(parseCamera('C# lessons').source).toEqual({ type: 'folder', path: 'C# lessons' });
  });

  it.each(['test:#colour=red', 'test:#fps=0', 'test:#flip=left', 'test:#id=Door'])('is refused with "%s"', (text) => {
    expect(() => parseCamera(text)).toThrow(expect.objectContaining({ code: 'config-invalid' }));
  });
});

describe('the cameras of an agent', () => {
  const door = {
    id: 'door',
    source: 'rtsp://cam/a',
    user: 'ada',
    password: 'p',
    masks: [{ x: 0, y: 0, width: 1, height: 0.2 }],
  };
  const hall = { id: 'hall', source: '0', region: { x: 0.2, y: 0.2, width: 0.5, height: 0.5 }, minFacePx: 80 };
  const several = (value: unknown) => readAgentConfig({ LATCHKEY_CAMERAS: JSON.stringify(value) }).cameras;

  it('are one', () => {
    const [camera] = readAgentConfig({ LATCHKEY_CAMERA: 'pictures', LATCHKEY_CAMERA_FPS: '2' }).cameras;
    expect(camera).toMatchObject({ id: 'camera', source: { type: 'folder' }, fps: 2, holdMs: 1500 });
  });

  it('or several, from JSON or a file of it', () => {
    expect(several([door, hall])).toMatchObject([
      { id: 'door', source: { credentials: { user: 'ada', password: 'p' } }, masks: door.masks },
      { id: 'hall', region: hall.region, minFacePx: 80 },
    ]);
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-cameras-'));
    writeFileSync(join(folder, 'cameras.json'), JSON.stringify([hall]));
    expect(readAgentConfig({ LATCHKEY_CAMERAS: join(folder, 'cameras.json') }).cameras).toHaveLength(1);
    rmSync(folder, { recursive: true });
  });

  it.each([
    ['none', []],
    ['two of one id', [hall, hall]],
    ['an area that reaches over the picture', [{ ...hall, region: { x: 0.6, y: 0, width: 0.5, height: 1 } }]],
    ['a word that is not known', [{ ...hall, frames: 3 }]],
    ['a password for a device', [{ ...hall, password: 'p' }]],
  ])('are refused when they are %s', (_, value) => {
    expect(() => several(value)).toThrow(expect.objectContaining({ code: 'config-invalid' }));
  });

  it('are refused without repeating the text, which may hold a password', () => {
    expect(() => readAgentConfig({ LATCHKEY_CAMERAS: '[{"password": "secret", oops' })).toThrow(
      expect.objectContaining({ code: 'config-invalid', message: expect.not.stringContaining('secret') }),
    );
  });

  it('are refused when there are none, twice some, or no such file', () => {
    expect(() => readAgentConfig({})).toThrow(expect.objectContaining({ code: 'config-invalid' }));
    expect(() => readAgentConfig({ LATCHKEY_CAMERA: '0', LATCHKEY_CAMERAS: '[]' })).toThrow(
      expect.objectContaining({ code: 'config-invalid' }),
    );
    expect(() => readAgentConfig({ LATCHKEY_CAMERAS: '/nowhere.json' })).toThrow(
      expect.objectContaining({ code: 'missing-file' }),
    );
  });
});
