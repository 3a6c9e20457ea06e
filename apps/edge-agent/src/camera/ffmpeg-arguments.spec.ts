import { describe, expect, it } from '@jest/globals';
import { parseCamera } from '@latchkey/config';
import { ffmpegLaunch } from './ffmpeg-arguments.ts';

const line = (text: string) => ffmpegLaunch(parseCamera(text)).args.join(' ');

const output = (interval: string, flip = '', size = "w='min(1280,iw)':h='min(1280,ih)'") =>
  `-an -sn -dn -vf select='isnan(prev_selected_t)+gte(t-prev_selected_t,${interval})',${flip}scale=w='max(1,trunc(iw*if(sar,sar,1)))':h=ih,setsar=1,scale=${size}:force_original_aspect_ratio=decrease -vsync passthrough -f image2pipe -c:v ppm -pix_fmt rgb24 -flush_packets 1 pipe:3`;

describe("ffmpeg's arguments", () => {
  it('for a Video4Linux device (untested on a device)', () => {
    expect(line('0#width=640&height=480')).toBe(
      `-nostdin -hide_banner -loglevel error -fflags nobuffer -flags low_delay -f v4l2 -framerate 15 -video_size 640x480 -i /dev/video0 ${output('0.0633', '', "w='min(640,iw)':h='min(480,ih)'")}`,
    );
  });

  it('for RTSP over TCP', () => {
    expect(line('rtsps://10.0.0.7/stream')).toBe(
      `-nostdin -hide_banner -loglevel error -fflags nobuffer -flags low_delay -rtsp_transport tcp -timeout 5000000 -i rtsps://10.0.0.7/stream ${output('0.0633')}`,
    );
  });

  it('for RTSP with a password: the address comes by standard input, where no other user reads it', () => {
    const { args, stdin } = ffmpegLaunch(parseCamera("rtsp://ada:p%40s's@10.0.0.7/stream"));
    expect(args.join(' ')).toBe(
      `-hide_banner -loglevel error -fflags nobuffer -flags low_delay -protocol_whitelist pipe,fd,rtp,rtsp,rtsps,tcp,tls,udp,srtp,crypto -f concat -safe 0 -i pipe:0 ${output('0.0633')}`,
    );
    expect(stdin).toBe(
      "ffconcat version 1.0\nfile 'rtsp://ada:p%40s%27s@10.0.0.7/stream'\noption rtsp_transport tcp\noption timeout 5000000\n",
    );
  });

  it('for a film: as a file whatever its name is, round and round', () => {
    expect(line('file:-concat:x.mp4#flip=mirror&fps=10')).toBe(
      `-nostdin -hide_banner -loglevel error -re -stream_loop -1 -i file:-concat:x.mp4 ${output('0.0950', 'hflip,')}`,
    );
  });

  it('for the test picture', () => {
    expect(line('test:#fps=5')).toBe(
      `-nostdin -hide_banner -loglevel error -re -f lavfi -i testsrc2=size=640x480:rate=5 ${output('0.1900')}`,
    );
  });

  it('are not made for a CSI camera', () => {
    expect(() => line('csi://0')).toThrow(expect.objectContaining({ code: 'config-invalid' }));
  });
});
