/** Where an event stands: to be sent; committed by central and kept for a restore; refused by central. */
export type OutboxState = 'pending' | 'acked' | 'quarantined';

/** The states as they are stored. */
export const states = { pending: 0, acked: 1, quarantined: 2 } as const satisfies Record<OutboxState, number>;
