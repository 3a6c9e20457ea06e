import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import { LatchkeyError } from '@latchkey/domain';

/** Signatures and sizes of PKWARE's APPNOTE.TXT, 4.3.7, 4.3.12 and 4.3.16. */
const LOCAL = { signature: 0x04034b50, bytes: 30 } as const;
const CENTRAL = { signature: 0x02014b50, bytes: 46 } as const;
const END = { signature: 0x06054b50, bytes: 22 } as const;

/** Largest comment after the end record. */
const MAX_COMMENT = 0xffff;

/** Of all files together: an archive that unpacks to more is none of weights. */
const MAX_UNPACKED_BYTES = 1024 ** 3;

const inflate = promisify(inflateRaw);

/**
 * Unpacks a zip file (stored or deflated entries, below 4 GB), as GitHub gives them.
 * @throws LatchkeyError `invalid-input` when it is damaged, encrypted, too large, or would write outside `folder`.
 */
export async function unzip(archive: string, folder: string, signal?: AbortSignal): Promise<void> {
  const refuse = (what: string, cause?: unknown): LatchkeyError =>
    new LatchkeyError('invalid-input', `${archive} cannot be unpacked: ${what}. Pass a whole archive, or a folder.`, {
      cause,
    });
  const bytes = await readFile(archive);
  let unpacked = 0;
  try {
    for (const entry of entriesOf(bytes)) {
      signal?.throwIfAborted();
      if (entry.name.endsWith('/')) continue;
      if (entry.encrypted) throw refuse('it is encrypted');
      if (normalize(entry.name).startsWith('..') || /^([/\\]|[A-Za-z]:)/.test(entry.name)) {
        throw refuse(`"${entry.name}" would stand outside the folder`);
      }
      unpacked += entry.size;
      if (unpacked > MAX_UNPACKED_BYTES) throw refuse('it is too large');
      const data =
        entry.method === 0 ? entry.data : await inflate(entry.data, { maxOutputLength: Math.max(1, entry.size) });
      if (data.length !== entry.size) throw refuse(`"${entry.name}" is damaged`);
      const path = join(folder, entry.name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, data);
    }
  } catch (cause) {
    const { code = '' } = cause as { readonly code?: string };
    // What zlib and reads beyond the end say of damaged bytes.
    throw code.startsWith('Z_') || code.startsWith('ERR_') ? refuse('it is damaged', cause) : cause;
  }
}

interface Entry {
  readonly name: string;
  /** 0: as it is, 8: deflated. */
  readonly method: number;
  readonly encrypted: boolean;
  readonly size: number;
  readonly data: Buffer;
}

const damaged = (what: string): Error => Object.assign(new Error(what), { code: 'ERR_ZIP' });

function* entriesOf(bytes: Buffer): Iterable<Entry> {
  let end = bytes.length - END.bytes;
  const first = Math.max(0, end - MAX_COMMENT);
  while (end >= first && bytes.readUInt32LE(end) !== END.signature) end--;
  if (end < first) throw damaged('no end record');
  const count = bytes.readUInt16LE(end + 10);
  let at = bytes.readUInt32LE(end + 16);
  for (let i = 0; i < count; i++) {
    const local = bytes.readUInt32LE(at + 42);
    if (bytes.readUInt32LE(at) !== CENTRAL.signature || bytes.readUInt32LE(local) !== LOCAL.signature) {
      throw damaged('no header where one should be');
    }
    const [packedSize, size] = [bytes.readUInt32LE(at + 20), bytes.readUInt32LE(at + 24)];
    const nameBytes = bytes.readUInt16LE(at + 28);
    const start = local + LOCAL.bytes + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    yield {
      name: bytes.toString('utf8', at + CENTRAL.bytes, at + CENTRAL.bytes + nameBytes),
      method: bytes.readUInt16LE(at + 10),
      encrypted: (bytes.readUInt16LE(at + 8) & 1) === 1,
      size,
      data: bytes.subarray(start, start + packedSize),
    };
    at += CENTRAL.bytes + nameBytes + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
}
