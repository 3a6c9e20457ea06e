import type { AckMessage } from '@latchkey/contracts';
import { toRanges } from '@latchkey/domain';
import type { WrittenEvent } from './batch-writer.ts';

/** An acknowledgement and the device that it is for. */
export interface AddressedAck {
  readonly siteId: string;
  readonly deviceId: string;
  readonly ack: AckMessage;
}

interface Place {
  readonly siteId: string;
  readonly deviceId: string;
  readonly streamId: string;
  readonly databaseEpoch: number;
}

interface Pending extends Place {
  readonly committed: number[];
  readonly rejected: Map<number, string>;
}

/**
 * The acknowledgements of one committed batch: one a device, stream and database epoch, with exactly the sequence numbers of the
 * batch, duplicates included (PROTOCOL.md §2). A batch that was written in pieces around a restore has two epochs, and the newer
 * one says nothing of what the older database had. Of a number that came in two versions, the committed one counts: the other is
 * in the dead-letter table, and the number itself is in the log.
 */
export function acknowledgementsOf(written: readonly WrittenEvent[]): AddressedAck[] {
  const pending = new Map<string, Pending>();
  for (const { event, outcome, databaseEpoch } of written) {
    if (outcome === null || outcome.type === 'unknown-device') continue;
    const { siteId, deviceId, envelope } = event;
    const entry = entryOf(pending, { siteId, deviceId, streamId: envelope.streamId, databaseEpoch });
    if (outcome.type === 'committed') entry.committed.push(envelope.seq);
    else entry.rejected.set(envelope.seq, outcome.code);
  }
  return [...pending.values()].map(({ siteId, deviceId, streamId, databaseEpoch, committed, rejected }) => {
    for (const seq of committed) rejected.delete(seq);
    return {
      siteId,
      deviceId,
      ack: {
        streamId,
        ranges: toRanges(committed).map(([from, to]): [number, number] => [from, to]),
        rejected: [...rejected].map(([seq, code]) => ({ seq, code })),
        databaseEpoch,
      },
    };
  });
}

function entryOf(pending: Map<string, Pending>, key: Place): Pending {
  const name = `${key.siteId}/${key.deviceId}/${key.streamId}/${key.databaseEpoch}`;
  const existing = pending.get(name);
  if (existing) return existing;
  const created: Pending = { ...key, committed: [], rejected: new Map() };
  pending.set(name, created);
  return created;
}
