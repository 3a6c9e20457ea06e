import { encodingFromBytes, encodingToBytes, type GalleryChange, type GalleryOperation } from '@latchkey/domain';
import { z } from 'zod';
import { personAccess } from './access.ts';
import { base64, instant, nonce, sha256, slug, uuid } from './identifiers.ts';

const revision = z.number().int().min(0);
const epoch = z.number().int().min(1);

/** A person's row in a gallery. */
export const galleryPerson = z.strictObject({
  personId: uuid,
  name: z.string().min(1).max(200),
  always: z.boolean(),
  /** Absent: bound by nothing. */
  access: personAccess.optional(),
});

/** An encoding's row in a gallery; `values` is little-endian float32 in base64. */
export const galleryEncoding = z.strictObject({
  encodingId: uuid,
  personId: uuid,
  modelId: z.string().min(1).max(200),
  values: base64.max(8192),
});
export type WireGalleryEncoding = z.infer<typeof galleryEncoding>;

/** One operation of a change (`GalleryOperation` of the domain, with encodings in base64). */
export const galleryOperation = z.discriminatedUnion('op', [
  galleryPerson.extend({ op: z.literal('upsert-person') }),
  galleryEncoding.extend({ op: z.literal('upsert-encoding') }),
  z.strictObject({ op: z.literal('remove-encoding'), encodingId: uuid }),
  z.strictObject({ op: z.literal('remove-person'), personId: uuid }),
  z.strictObject({ op: z.literal('set-model'), modelId: z.string().min(1).max(200) }),
]);

/** A change as it is logged and published on `_groups/{groupId}/changes`. */
export const galleryChange = z.strictObject({
  siteId: slug,
  groupId: slug,
  epoch,
  from: revision,
  to: revision,
  prevHash: sha256,
  operations: z.array(galleryOperation).max(1000),
});
export type WireGalleryChange = z.infer<typeof galleryChange>;

/** Where a group's gallery stands at central. */
export const galleryHead = z.strictObject({
  groupId: slug,
  epoch,
  revision,
  logHash: sha256,
  contentHash: sha256,
  modelId: z.string().min(1).max(200),
});
export type WireGalleryHead = z.infer<typeof galleryHead>;

/** A device's question on `gallery/ask`: on every connect, after each snapshot, every 60 s ± jitter. */
export const galleryAsk = z.strictObject({
  nonce,
  groupId: slug,
  epoch: z.number().int().min(0),
  revision,
  logHash: sha256.nullable(),
  contentHash: sha256.nullable(),
  /** The model that the device runs; central answers with encodings of it. */
  modelId: z.string().min(1).max(200),
});
export type GalleryAsk = z.infer<typeof galleryAsk>;

const answerCommon = {
  nonce,
  head: galleryHead,
  /** Central's clock, bound to the nonce: what makes a device trust its clock (PROTOCOL.md §5). */
  centralTime: instant,
  databaseEpoch: z.number().int().min(1),
};

/**
 * Central's answer on `gallery/answer`, signed and bound to the nonce. `head`: nothing to do. `changes`: what is missing.
 * `snapshot`: one of `chunks` parts of the whole gallery, to be swapped in when all are there. `gone`: the device is not in
 * that group and must drop its gallery.
 */
export const galleryAnswer = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('head'), ...answerCommon }),
  z.strictObject({ type: z.literal('changes'), ...answerCommon, changes: z.array(galleryChange).max(1000) }),
  z.strictObject({
    type: z.literal('snapshot'),
    ...answerCommon,
    snapshotId: uuid,
    chunk: z.number().int().min(0),
    chunks: z.number().int().min(1).max(10_000),
    persons: z.array(galleryPerson),
    encodings: z.array(galleryEncoding),
  }),
  z.strictObject({
    type: z.literal('gone'),
    nonce,
    groupId: slug,
    centralTime: instant,
    databaseEpoch: z.number().int().min(1),
  }),
]);
export type GalleryAnswer = z.infer<typeof galleryAnswer>;

/** What a device holds, retained on `gallery/reported`. */
export const galleryReported = z.strictObject({
  reportedAt: instant,
  groups: z
    .array(
      z.strictObject({
        groupId: slug,
        epoch: z.number().int().min(0),
        revision,
        contentHash: sha256,
        persons: z.number().int().min(0),
        encodings: z.number().int().min(0),
        /** `failed`: the content did not become what the signed head names, twice in a row. */
        state: z.enum(['current', 'behind', 'failed']),
      }),
    )
    .max(100),
});
export type GalleryReported = z.infer<typeof galleryReported>;

/** A domain change as it travels. */
export function changeToWire(change: GalleryChange): WireGalleryChange {
  return { ...change, operations: change.operations.map(operationToWire) };
}

/**
 * A travelled change as the domain knows it.
 * @throws LatchkeyError `invalid-input` when an encoding's bytes are no finite float32 values.
 */
export function changeFromWire(change: WireGalleryChange): GalleryChange {
  return { ...change, operations: change.operations.map(operationFromWire) };
}

function operationToWire(operation: GalleryOperation): WireGalleryChange['operations'][number] {
  return operation.op === 'upsert-encoding' ? { ...operation, values: encodingToBase64(operation.values) } : operation;
}

function operationFromWire(operation: WireGalleryChange['operations'][number]): GalleryOperation {
  return operation.op === 'upsert-encoding'
    ? { ...operation, values: encodingFromBase64(operation.values) }
    : operation;
}

/** An encoding's values as base64 of little-endian float32. */
export function encodingToBase64(values: Float32Array): string {
  return btoa(String.fromCharCode(...encodingToBytes(values)));
}

/**
 * The values that {@link encodingToBase64} wrote.
 * @throws LatchkeyError `invalid-input` when they are no finite float32 values.
 */
export function encodingFromBase64(text: string): Float32Array {
  return encodingFromBytes(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));
}
