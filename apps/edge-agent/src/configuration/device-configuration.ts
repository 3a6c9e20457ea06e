import {
  type AgentIdentity,
  buildTopic,
  type DesiredConfig,
  type DoorPolicyConfig,
  desiredConfig,
  encodePayload,
  firstDoorPolicy,
  type ReportedConfig,
  type ScheduleConfig,
} from '@latchkey/contracts';
import { hashOf, isLatchkeyError } from '@latchkey/domain';
import type { Subscription } from '@latchkey/link';
import type { Logger } from 'pino';
import type { Messenger } from '../messages/messenger.ts';
import type { SignedInbox } from '../messages/signed-inbox.ts';
import type { Feature } from '../runtime/feature.ts';
import type { SettingsRepository } from '../store/settings.repository.ts';

/** What the device runs by; revision 0: nothing was ever received. */
export interface RunningConfig {
  readonly revision: number;
  readonly groupIds: readonly string[];
  readonly door: DoorPolicyConfig;
  readonly schedules: readonly ScheduleConfig[];
}

type ConfigListener = (config: RunningConfig) => void;

/**
 * The configuration that central wants, kept over restarts. Higher revisions replace lower ones; everything else is
 * refused and reported. One that cannot be stored is refused too: after a restart the device would run another one.
 */
export class DeviceConfiguration implements Feature {
  readonly name = 'configuration';
  private readonly messenger: Messenger;
  private readonly inbox: SignedInbox;
  private readonly identity: AgentIdentity;
  private readonly settings: SettingsRepository;
  private readonly logger: Logger;
  private readonly listeners = new Set<ConfigListener>();
  private running: RunningConfig;
  private unread = false;
  private refusal: string | null = null;
  private subscription: Subscription | null = null;
  private stopListening: (() => void) | null = null;

  /** @param firstDoor how the door behaves until central says otherwise. */
  constructor(
    messenger: Messenger,
    inbox: SignedInbox,
    identity: AgentIdentity,
    settings: SettingsRepository,
    logger: Logger,
    firstDoor: DoorPolicyConfig = firstDoorPolicy,
  ) {
    this.messenger = messenger;
    this.inbox = inbox;
    this.identity = identity;
    this.settings = settings;
    this.logger = logger;
    this.running = { revision: 0, groupIds: [], door: firstDoor, schedules: [] };
  }

  /** What the device runs by now. */
  get current(): RunningConfig {
    return this.running;
  }

  /**
   * A configuration is stored and this version cannot read it: until central speaks, groups and rules of the door are not
   * none but unknown.
   */
  get unknown(): boolean {
    return this.unread;
  }

  /** A schedule that persons may be bound to, null when there is none of that id. */
  schedule(scheduleId: string): ScheduleConfig | null {
    return this.running.schedules.find(({ id }) => id === scheduleId) ?? null;
  }

  /** Calls `listener` after every change. Returns its removal. */
  onChange(listener: ConfigListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  start(): void {
    if (this.subscription) return;
    this.running = this.stored() ?? this.running;
    this.subscription = this.inbox.subscribe(
      'configDesired',
      null,
      (config) => this.receive(config),
      (why) => {
        this.refusal = `What central wants is not understood: ${why}`;
        this.logger.warn({ reason: this.refusal }, 'configuration refused');
        this.report();
      },
    );
    this.stopListening = this.messenger.onConnected(() => this.report());
  }

  async stop(): Promise<void> {
    this.stopListening?.();
    await this.subscription?.close();
    this.subscription = null;
    this.stopListening = null;
  }

  private stored(): RunningConfig | null {
    try {
      return this.settings.read('desired-config', desiredConfig);
    } catch (error) {
      this.unread = true;
      this.logger.error({ error }, 'the stored configuration cannot be read; waiting for central');
      return null;
    }
  }

  private receive(config: DesiredConfig): void {
    this.refusal = this.whyNot(config);
    if (this.refusal === null && config.revision > this.running.revision) this.adopt(config);
    if (this.refusal !== null)
      this.logger.warn({ revision: config.revision, reason: this.refusal }, 'configuration refused');
    this.report();
  }

  private whyNot(config: DesiredConfig): string | null {
    const { revision } = this.running;
    if (config.revision < revision) return `Revision ${config.revision} is older than ${revision}, which runs.`;
    if (config.revision === revision && hashOf(config) !== hashOf(this.running)) {
      return `Revision ${revision} runs already, with other content; give the change a new revision.`;
    }
    const { votesNeeded, votesWindow } = config.door;
    if (votesNeeded > votesWindow) {
      return `door.votesNeeded: ${votesNeeded} frames cannot agree where only ${votesWindow} are looked at.`;
    }
    return null;
  }

  private adopt(config: DesiredConfig): void {
    try {
      this.settings.write('desired-config', config);
    } catch (error) {
      this.refusal = isLatchkeyError(error) ? error.message : 'The configuration cannot be stored.';
      return;
    }
    this.running = config;
    this.unread = false;
    this.logger.info(
      { revision: config.revision, groupIds: config.groupIds, policy: config.door.policy },
      'configuration',
    );
    for (const listener of this.listeners) listener(config);
  }

  private report(): void {
    const { siteId: site, deviceId: device } = this.identity;
    const reported: ReportedConfig = {
      revision: this.running.revision,
      accepted: this.refusal === null,
      message: this.refusal?.slice(0, 1000) ?? null,
    };
    void this.messenger.publish(
      buildTopic('configReported', { site, device }),
      encodePayload('configReported', reported),
      { qos: 1, retain: true },
    );
  }
}
