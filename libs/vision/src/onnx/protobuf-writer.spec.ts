import { describe, expect, it } from '@jest/globals';
import { ProtobufWriter } from './protobuf-writer.ts';

const hex = (writer: ProtobufWriter): string => Buffer.from(writer.finish()).toString('hex');

describe('ProtobufWriter', () => {
  it.each([
    // The first three are the examples of protobuf.dev's encoding guide.
    ['an integer', new ProtobufWriter().integer(1, 150), '089601'],
    ['text', new ProtobufWriter().text(2, 'testing'), '120774657374696e67'],
    ['a message', new ProtobufWriter().message(3, new ProtobufWriter().integer(1, 150)), '1a03089601'],
    ['zero', new ProtobufWriter().integer(1, 0), '0800'],
    ['a negative integer as ten bytes', new ProtobufWriter().integer(1, -2), '08feffffffffffffffff01'],
    ['a float', new ProtobufWriter().float(2, 1.5), '150000c03f'],
    ['bytes', new ProtobufWriter().bytes(9, Uint8Array.of(1, 2, 255)), '4a030102ff'],
    ['a field number above 15', new ProtobufWriter().integer(20, 7), 'a00107'],
  ])('writes %s', (_, writer, expected) => {
    expect(hex(writer)).toBe(expected);
  });

  it('writes the length of messages that are longer than 127 bytes', () => {
    const inner = new ProtobufWriter().text(1, 'x'.repeat(200));
    const bytes = new ProtobufWriter().message(1, inner).finish();
    expect([...bytes.subarray(0, 3)]).toEqual([0x0a, 0xcb, 0x01]);
    expect(bytes).toHaveLength(206);
  });
});
