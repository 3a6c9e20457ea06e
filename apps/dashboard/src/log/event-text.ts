import { type Decision, type EventKind, type EventView, reasonSentences } from '@latchkey/contracts';

/** What a decision is called. */
export const decisionWords: Readonly<Record<Decision, string>> = {
  granted: 'Access granted',
  denied: 'Access denied',
  unknown: 'Not recognised',
  spoof: 'Not a live face',
  'not-evaluated': 'Not evaluated',
};

/** What a kind of event is called. */
export const kindWords: Readonly<Record<EventKind, string>> = {
  verification: 'Verification',
  recognition: 'Recognition',
  unknown: 'Unknown face',
  spoof: 'Spoof attempt',
  door: 'Door',
  health: 'Device state',
  tamper: 'Tampering',
  dropped: 'Lost events',
};

const doorActions: Readonly<Record<string, string>> = {
  opened: 'The door was opened',
  relocked: 'The door is locked again',
  failed: 'The door did not open',
  'held-open': 'The door is held open',
  forced: 'The door was forced',
  commanded: 'Somebody told the door to open',
  asked: 'Somebody was asked to blink or to turn the head',
  duress: 'Silent alarm: entry under threat',
};

const healthStates: Readonly<Record<string, string>> = {
  started: 'Device started',
  stopping: 'Device is stopping',
  'camera-lost': 'Camera lost',
  'camera-back': 'Camera is back',
  'engine-lost': 'Inference engine lost',
  'door-lost': 'Lock or door sensor lost',
  'door-back': 'Lock or door sensor is back',
  'gallery-failed': 'Gallery failed',
  'gallery-locked': 'Offline for too long: gallery locked',
  'gallery-unlocked': 'Gallery unlocked',
  'storage-failed': 'Storage failed',
  'clock-trusted': 'Clock is trusted',
  'clock-untrusted': 'Clock is not trusted',
};

const faceKinds: readonly EventKind[] = ['verification', 'recognition', 'unknown', 'spoof'];

/** Whether an event is about a face. */
export function isAboutFace({ kind }: EventView): boolean {
  return faceKinds.includes(kind);
}

/** Who or what an event is about, in a few words. */
export function eventTitle(event: EventView): string {
  if (isAboutFace(event)) return event.personName ?? (event.decision === 'granted' ? 'Removed person' : 'Unknown');
  const body = event.body ?? {};
  switch (event.kind) {
    case 'door':
      return doorActions[String(body.action)] ?? kindWords.door;
    case 'health':
      return healthStates[String(body.state)] ?? kindWords.health;
    default:
      return kindWords[event.kind];
  }
}

/** What is known beyond the title: the reasons as sentences, or the message of the device. */
export function eventSentences(event: EventView): readonly string[] {
  const reasons = event.reasons.map((reason) => reasonSentences[reason]);
  const { message, count, from, to } = event.body ?? {};
  if (event.kind === 'dropped') return [`${count} events (${from} to ${to}) had to be given up on the device.`];
  const isForSomebody = event.kind === 'door' && event.body?.action !== 'relocked' && event.personName !== null;
  return [
    ...(isForSomebody ? [`For ${event.personName}.`] : []),
    ...reasons,
    ...(typeof message === 'string' && message !== '' ? [message] : []),
  ];
}

/** One sentence for a screen reader: who, what was decided, where. */
export function announcement(event: EventView, deviceName: string): string {
  const outcome = event.decision ? `, ${decisionWords[event.decision].toLowerCase()}` : '';
  return `${eventTitle(event)}${outcome}, ${deviceName}.`;
}

/** Distances are shown to three decimals. */
export function distanceText(distance: number | null): string {
  return distance === null ? '–' : distance.toFixed(3);
}
