import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type KeyPurpose, keyPurposes, type SignedMessage, signedText, type TrustedKey } from '@latchkey/contracts';
import { LatchkeyError } from '@latchkey/domain';
import { writeOnce } from '../database/encryption-key.ts';

/** What is signed, and for whom. */
export interface MessageToSign {
  /** The topic that it will be published on. */
  readonly topic: string;
  /** `deviceAudience` or `groupAudience` of contracts. */
  readonly audience: string;
  /** JSON text of the payload. */
  readonly payload: string;
}

interface SigningKey {
  readonly keyId: string;
  readonly privateKey: KeyObject;
  /** SPKI DER in base64. */
  readonly publicKey: string;
}

/**
 * Central's signing keys: one Ed25519 key per purpose, each in a PEM file of mode 0600, none in the database (PROTOCOL.md §6).
 * `gallery.pem` signs; further files `gallery.NAME.pem` are trusted too, so that two keys are valid while one replaces the other.
 */
export class SigningKeys {
  private readonly current: ReadonlyMap<KeyPurpose, SigningKey>;
  private readonly trusted: readonly TrustedKey[];

  private constructor(current: ReadonlyMap<KeyPurpose, SigningKey>, trusted: readonly TrustedKey[]) {
    this.current = current;
    this.trusted = trusted;
  }

  /**
   * Reads the keys of a folder, making those that are missing.
   * @throws LatchkeyError `storage-failed` when the folder cannot be read or written, `storage-corrupt` when a file is no
   * Ed25519 key.
   */
  static loadOrCreate(folder: string): SigningKeys {
    const current = new Map<KeyPurpose, SigningKey>();
    const trusted: TrustedKey[] = [];
    for (const purpose of keyPurposes) {
      const path = join(folder, `${purpose}.pem`);
      createIfMissing(folder, path);
      const others = readdirSync(folder).filter((name) => new RegExp(`^${purpose}\\.[\\w-]+\\.pem$`).test(name));
      const signing = readSigningKey(purpose, path);
      current.set(purpose, signing);
      for (const key of [signing, ...others.map((name) => readSigningKey(purpose, join(folder, name)))]) {
        trusted.push({ keyId: key.keyId, purpose, publicKey: key.publicKey });
      }
    }
    return new SigningKeys(current, trusted);
  }

  /** The JSON text of a {@link SignedMessage}, ready to be published on its topic. */
  sign(purpose: KeyPurpose, { topic, audience, payload }: MessageToSign): string {
    const key = this.current.get(purpose);
    if (!key) throw new LatchkeyError('internal', `There is no signing key for "${purpose}".`);
    const text = signedText({ topic, audience, keyId: key.keyId, payload });
    const message: SignedMessage = {
      v: 1,
      keyId: key.keyId,
      audience,
      encryption: null,
      payload,
      signature: sign(null, Buffer.from(text, 'utf8'), key.privateKey).toString('base64'),
    };
    return JSON.stringify(message);
  }

  /** The public keys that devices must know, of all purposes. */
  trustedKeys(): readonly TrustedKey[] {
    return this.trusted;
  }
}

function createIfMissing(folder: string, path: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
    const names = readdirSync(folder);
    if (names.some((name) => join(folder, name) === path)) return;
    const { privateKey } = generateKeyPairSync('ed25519');
    writeOnce(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().trimEnd());
  } catch (cause) {
    throw new LatchkeyError('storage-failed', `The key file "${path}" cannot be made; check its folder.`, { cause });
  }
}

function readSigningKey(purpose: KeyPurpose, path: string): SigningKey {
  try {
    const privateKey = createPrivateKey(readFileSync(path));
    if (privateKey.asymmetricKeyType !== 'ed25519') throw new Error(`It is of type ${privateKey.asymmetricKeyType}.`);
    const der = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
    const fingerprint = createHash('sha256').update(der).digest('hex').slice(0, 8);
    return { keyId: `${purpose}-${fingerprint}`, privateKey, publicKey: der.toString('base64') };
  } catch (cause) {
    throw new LatchkeyError('storage-corrupt', `"${path}" is not a readable Ed25519 private key; restore it.`, {
      cause,
    });
  }
}
