import { describe, expect, it } from '@jest/globals';
import { parseCamera } from '@latchkey/config';
import { gstreamerLaunch } from './gstreamer-pipeline.ts';

/** The pipeline of a camera, one word after another. */
const pipeline = (text: string) => gstreamerLaunch(parseCamera(text)).args.join(' ');

const rest = (rate: number, sync: boolean, size = 'width=[1,1280],height=[1,1280]') =>
  `! queue leaky=downstream max-size-buffers=1 max-size-bytes=0 max-size-time=0 ! videorate drop-only=true max-rate=${rate} ! videoconvert ! videoscale ! video/x-raw,format=RGB,${size},pixel-aspect-ratio=1/1 ! pnmenc ! fdsink fd=3 sync=${sync}`;

describe('the GStreamer pipeline', () => {
  it('of a CSI camera (untested on a Jetson)', () => {
    expect(pipeline('csi://1#flip=rotate-180&fps=30')).toBe(
      `-q nvarguscamerasrc sensor-id=1 ! video/x-raw(memory:NVMM),format=NV12,width=1280,height=720,framerate=30/1 ! nvvidconv flip-method=2 ! video/x-raw,format=BGRx ${rest(30, false)}`,
    );
  });

  it('of a Video4Linux device (untested on a device)', () => {
    expect(pipeline('/dev/video2#width=640&height=480')).toBe(
      `-q v4l2src device="/dev/video2" do-timestamp=true ! video/x-raw,width=[1,640],height=[1,480];image/jpeg,width=[1,640],height=[1,480] ! decodebin ${rest(15, false, 'width=[1,640],height=[1,480]')}`,
    );
  });

  it('of RTSP: over TCP, the picture only', () => {
    expect(pipeline('rtsp://10.0.0.7:554/stream?channel=1')).toBe(
      `-q rtspsrc location="rtsp://10.0.0.7:554/stream?channel=1" protocols=tcp latency=100 drop-on-latency=true tcp-timeout=5000000 ! application/x-rtp,media=video ! decodebin ${rest(15, false)}`,
    );
  });

  it('of RTSP with a password: not in the address', () => {
    expect(pipeline('rtsp://ada:p%40ss%22w@10.0.0.7/stream')).toBe(
      `-q rtspsrc location="rtsp://10.0.0.7/stream" user-id="ada" user-pw="p@ss\\"w" protocols=tcp latency=100 drop-on-latency=true tcp-timeout=5000000 ! application/x-rtp,media=video ! decodebin ${rest(15, false)}`,
    );
  });

  it('of a film, in its own time', () => {
    expect(pipeline('clips/door.mp4')).toBe(
      `-q filesrc location="clips/door.mp4" ! decodebin ${rest(15, true).replace(/^! queue \S+ \S+ \S+ \S+ /, '')}`,
    );
  });

  it('of the test picture, turned', () => {
    expect(pipeline('test:#flip=rotate-90&fps=10')).toBe(
      `-q videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=480,framerate=10/1 ${rest(10, false).replace('videoconvert !', 'videoconvert ! videoflip video-direction=90r !')}`,
    );
  });

  it('takes a path as one value, whatever is in it', () => {
    const path = 'a" ! filesink location="b \\.mp4';
    expect(gstreamerLaunch(parseCamera(`file:${path}`)).args).toContain(
      'location="a\\" ! filesink location=\\"b \\\\.mp4"',
    );
  });

  it('is not made for what GStreamer is not used for', () => {
    expect(() => pipeline('http://10.0.0.7/')).toThrow(expect.objectContaining({ code: 'config-invalid' }));
  });
});
