import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PacketMeter } from './packet-meter.ts';

/** A packet of that many bytes after its fixed header. */
function packet(bytes: number): Uint8Array {
  const length: number[] = [];
  let left = bytes;
  do {
    length.push((left % 128) + (left >= 128 ? 128 : 0));
    left = Math.floor(left / 128);
  } while (left > 0);
  return Buffer.concat([Buffer.from([0x30, ...length]), Buffer.alloc(bytes, 0xff)]);
}

describe('PacketMeter', () => {
  it('admits packets up to the limit however they are cut, and none that is longer', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 0, max: 300 }),
        (sizes, cut, limit) => {
          const stream = Buffer.concat(sizes.map(packet));
          const meter = new PacketMeter(limit);
          let admitted = true;
          for (let at = 0; admitted && at < stream.length; at += cut)
            admitted = meter.admits(stream.subarray(at, at + cut));
          expect(admitted).toBe(Math.max(...sizes) <= limit);
        },
      ),
    );
  });

  it('refuses a long packet at its header, before its bytes come', () => {
    expect(new PacketMeter(1000).admits(Buffer.from([0x10, 0x80, 0x80, 0x80, 0x60]))).toBe(false);
  });

  it('refuses a length of more than four bytes', () => {
    expect(new PacketMeter(1000).admits(Buffer.from([0x10, 0x80, 0x80, 0x80, 0x80, 0x01]))).toBe(false);
  });
});
