import { carriedAccess, type PersonAccess } from './access.ts';
import { encodingToBytes } from './encoding.ts';
import { LatchkeyError } from './errors.ts';
import { hashOf, sha256Hex } from './hash.ts';

/** Who a person is to a device, without encodings. */
export interface GalleryPerson {
  readonly personId: string;
  /** What the device shows and logs; at most 200 characters. */
  readonly name: string;
  /** Admitted also while the device's clock is not trusted (PROTOCOL.md §5). */
  readonly always: boolean;
  /** Absent: bound by nothing (`carriedAccess`). */
  readonly access?: PersonAccess;
}

/** One encoding of one person in a gallery. */
export interface GalleryEncoding {
  readonly encodingId: string;
  readonly personId: string;
  readonly modelId: string;
  readonly values: Float32Array;
}

/** One step of a gallery's change log. Applied in order, all of a change or nothing. */
export type GalleryOperation =
  | ({ readonly op: 'upsert-person' } & GalleryPerson)
  | ({ readonly op: 'upsert-encoding' } & GalleryEncoding)
  | { readonly op: 'remove-encoding'; readonly encodingId: string }
  | { readonly op: 'remove-person'; readonly personId: string }
  | { readonly op: 'set-model'; readonly modelId: string };

/** A change as logged, published and hashed: takes a gallery from revision `from` to `to` (PROTOCOL.md §3). */
export interface GalleryChange {
  readonly siteId: string;
  readonly groupId: string;
  readonly epoch: number;
  readonly from: number;
  readonly to: number;
  /** `logHash` of revision `from`. */
  readonly prevHash: string;
  readonly operations: readonly GalleryOperation[];
}

/** Where a gallery stands. `logHash` chains its history, `contentHash` is computed from its rows. */
export interface GalleryHead {
  readonly epoch: number;
  readonly revision: number;
  readonly logHash: string;
  readonly contentHash: string;
}

/** A gallery's rows: persons and their encodings by id. */
export interface GalleryContent {
  readonly persons: ReadonlyMap<string, GalleryPerson>;
  readonly encodings: ReadonlyMap<string, GalleryEncoding>;
}

/** `logHash` of a gallery that nothing was ever logged for, per group, so that two groups' logs never mix. */
export function genesisHash(siteId: string, groupId: string, epoch: number): string {
  return sha256Hex(`latchkey-gallery/${siteId}/${groupId}/${epoch}`);
}

/** `logHash` after a change: covers the change and, through `prevHash`, everything before it. */
export function logHashAfter(change: GalleryChange): string {
  return hashOf({ ...change, operations: change.operations.map(hashableOperation) });
}

function hashableOperation(operation: GalleryOperation): unknown {
  return operation.op === 'upsert-encoding' ? { ...operation, values: valuesHash(operation.values) } : operation;
}

function valuesHash(values: Float32Array): string {
  return sha256Hex(encodingToBytes(values));
}

/** Hash of one person's row, part of {@link contentHashOf}. */
export function personRowHash(person: GalleryPerson): string {
  return hashOf(rowOf(person));
}

/** A person's row without anything else; the one form of the same row, whoever wrote it. */
function rowOf({ personId, name, always, access }: GalleryPerson): GalleryPerson {
  const carried = access && carriedAccess(access);
  return carried ? { personId, name, always, access: carried } : { personId, name, always };
}

/** Hash of one encoding's row, part of {@link contentHashOf}. */
export function encodingRowHash({ encodingId, personId, modelId, values }: GalleryEncoding): string {
  return hashOf({ encodingId, personId, modelId, values: valuesHash(values) });
}

/** `contentHash` of a gallery from the hashes of all its rows, in any order. */
export function contentHashOf(rowHashes: Iterable<string>): string {
  return sha256Hex([...rowHashes].sort().join('\n'));
}

/** `contentHash` computed from the rows themselves. */
export function contentHashOfRows(content: GalleryContent): string {
  return contentHashOf([
    ...[...content.persons.values()].map(personRowHash),
    ...[...content.encodings.values()].map(encodingRowHash),
  ]);
}

/**
 * The gallery after a list of operations; the argument stays as it is.
 * @throws LatchkeyError `gallery-diverged` when an encoding names a person that is not there.
 */
export function applyOperations(content: GalleryContent, operations: readonly GalleryOperation[]): GalleryContent {
  const persons = new Map(content.persons);
  const encodings = new Map(content.encodings);
  for (const operation of operations) {
    switch (operation.op) {
      case 'upsert-person':
        persons.set(operation.personId, rowOf(operation));
        break;
      case 'upsert-encoding': {
        const { encodingId, personId, modelId, values } = operation;
        if (!persons.has(personId)) {
          throw new LatchkeyError(
            'gallery-diverged',
            `Encoding ${encodingId} names person ${personId}, who is not in the gallery.`,
          );
        }
        encodings.set(encodingId, { encodingId, personId, modelId, values });
        break;
      }
      case 'remove-encoding':
        encodings.delete(operation.encodingId);
        break;
      case 'remove-person':
        persons.delete(operation.personId);
        for (const { encodingId, personId } of encodings.values()) {
          if (personId === operation.personId) encodings.delete(encodingId);
        }
        break;
      case 'set-model':
        for (const { encodingId, modelId } of encodings.values()) {
          if (modelId !== operation.modelId) encodings.delete(encodingId);
        }
        break;
    }
  }
  return { persons, encodings };
}

/** What a device does with a change that arrived. */
export type ChangeVerdict = 'apply' | 'ignore' | 'ask';

/**
 * Whether a change follows the head that a device has (PROTOCOL.md §3): an older one is ignored, a gap, a foreign
 * history or a higher epoch makes the device ask for the head.
 */
export function judgeChange(
  head: Pick<GalleryHead, 'epoch' | 'revision' | 'logHash'>,
  change: GalleryChange,
): ChangeVerdict {
  if (change.epoch < head.epoch) return 'ignore';
  if (change.epoch > head.epoch) return 'ask';
  if (change.to <= head.revision) return 'ignore';
  if (change.from !== head.revision || change.prevHash !== head.logHash) return 'ask';
  return 'apply';
}
