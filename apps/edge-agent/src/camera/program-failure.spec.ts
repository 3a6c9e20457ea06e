import { expect, it } from '@jest/globals';
import { programFailure } from './program-failure.ts';

it.each([
  ['ENOENT', '', 'camera-program-missing'],
  ['exit code 1', 'WARNING: erroneous pipeline: no element "nvarguscamerasrc"', 'camera-program-missing'],
  ['exit code 1', 'ERROR: Your GStreamer installation is missing a plug-in.', 'camera-program-missing'],
  ['exit code 1', "Unknown input format: 'v4l2'", 'camera-program-missing'],
  ['exit code 1', '[rtsp @ 0x1] method DESCRIBE failed: 401 Unauthorized', 'camera-unauthorized'],
  ['exit code 1', 'ERROR: from element /GstRTSPSrc:rtspsrc0: Unauthorized', 'camera-unauthorized'],
  ['exit code 1', "Cannot identify device '/dev/video9'.", 'camera-unavailable'],
  ['SIGSEGV', '', 'camera-unavailable'],
  [null, '', 'camera-unavailable'],
])('an end with %s and "%s" is %s', (end, messages, code) => {
  expect(programFailure('gst-launch-1.0', end, messages)).toMatchObject({ code });
});

it('quotes what the program said without the password in any of its spellings', () => {
  const said = 'rtsp://ada:s3cr%20et@10.0.0.7/x: cannot open "s3cr et" at rtsp://10.0.0.7/s3cr%20et';
  const { message } = programFailure('ffmpeg', 'exit code 1', said, ['s3cr et']);
  expect(message).toContain('rtsp://10.0.0.7/x');
  expect(message).not.toMatch(/s3cr/);
});
