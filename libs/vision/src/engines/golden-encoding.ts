/** Little-endian float32. */
const BASE64 =
  'FE3qvOxTyz1fJX89JawJvRX/Yr3Tkxm9RCQ9vSGt9zznrvk9wZy1vJ3VRj71Bve816mDvndvlbxG2QK8nfSHPRFi+b3abVi9gDdEvsef273y6j' +
  'I9j884PY29DzyuhN070oS3vY3zlb73eBy97AXOvSBWrj0C81S+sGMyPc41tDyl/9C96lwuveITBbxCG9g8Qta7O64U0L16PSI+AvATvQfUDr6s' +
  'iVC9xU10PP7NhT6bWTw+bEtcPYLgzzz0oky92xKTPfYkj76fIxM9i24WPnzehD0XkeU92YzwPVZjK76nR9A8tpCePVsFD74BFGs9ECUMPQw2p7' +
  '3QkB69dUwCvsqtQT4dnMQ89ZnrvVWF+L1MHtM9meYqvgqBvrwno9o9ti6xvYi2Fb5tVGe+9HmLPdUGqD5Inj4+SoIpvpangjxoHtu9wnAgvcRO' +
  'fTp/vf08jeSIveVjPLzaPKm9yH+HPUkWIj45a5i9cfM1PAZ1MD7+hcS8MB1NvGfL8bxu6Sk8y7AHvtpXDz2hxiG98BQWPTqT/z3rR+y9TibUPD' +
  '77cj09qgu+6wgFPsdgk7wTufm8GPZPPX1emjqEXa+9Mv9ZvYN7cD4v83e+GKZIPkJDXT65cWw9G339PRDC/zxRaRQ+ivfKum0BJ7uSP/u9wdFi' +
  'vSuXN7yrUUe8DvpGvbTrDDs=';

/** What `dlib-resnet34` makes of `goldenChip()`: computed once by ONNX Runtime 1.30.0 on x64; every engine gives it. */
export function goldenEncoding(): Float32Array {
  const bytes = Uint8Array.from(Buffer.from(BASE64, 'base64'));
  return new Float32Array(bytes.buffer);
}
