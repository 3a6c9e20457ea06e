const { TestEnvironment } = require('jest-environment-node');

/**
 * Jest's Node environment with the host's typed arrays: native addons (ONNX Runtime) check `instanceof` against the
 * realm that loaded them and refuse arrays made in Jest's own sandbox.
 */
module.exports = class HostRealmEnvironment extends TestEnvironment {
  async setup() {
    await super.setup();
    for (const type of [
      ArrayBuffer,
      SharedArrayBuffer,
      Uint8Array,
      Uint8ClampedArray,
      Int8Array,
      Uint16Array,
      Int16Array,
      Uint32Array,
      Int32Array,
      Float32Array,
      Float64Array,
      BigInt64Array,
      BigUint64Array,
      DataView,
    ]) {
      this.global[type.name] = type;
    }
  }
};
