import { randomBytes } from 'node:crypto';
import type { Clock } from '@latchkey/domain';
import { MqttSession, Outbox } from '@latchkey/link';
import type { Provider } from '@nestjs/common';
import type { AgentOptions } from '../agent-options.ts';
import { restartCommand, resyncCommand, wipeCommand } from '../commands/agent-commands.ts';
import { CommandDesk, type CommandHandlers } from '../commands/command-desk.ts';
import { openDoorCommand } from '../commands/door-command.ts';
import { identifyCommand } from '../commands/identify-command.ts';
import { snapshotCommand } from '../commands/snapshot-command.ts';
import { beginWipe } from '../commands/wipe.ts';
import { ClaimDesk } from '../deciding/claim-desk.ts';
import { DoorDriver } from '../door/door-driver.ts';
import { EventRecorder } from '../events/event-recorder.ts';
import { GallerySync } from '../gallery/gallery-sync.ts';
import { LiveGallery } from '../gallery/live-gallery.ts';
import { SignedInbox } from '../messages/signed-inbox.ts';
import { bootClock } from '../runtime/boot-clock.ts';
import type { CameraStation } from './camera-station.ts';
import { CAMERAS, CLOCK, OPTIONS } from './tokens.ts';

const HANDLERS = Symbol('command handlers');

/** What central can tell the device to do, and who does it. */
export const commandProviders: Provider[] = [
  {
    provide: HANDLERS,
    inject: [OPTIONS, EventRecorder, DoorDriver, ClaimDesk, LiveGallery, GallerySync, Outbox, CAMERAS, CLOCK],
    useFactory: (
      { config, onCommandedEnd = () => undefined }: AgentOptions,
      recorder: EventRecorder,
      door: DoorDriver,
      claims: ClaimDesk,
      people: LiveGallery,
      galleries: GallerySync,
      outbox: Outbox,
      cameras: readonly CameraStation[],
      clock: Clock,
    ): CommandHandlers => ({
      'open-door': openDoorCommand(recorder, door, clock),
      identify: identifyCommand(recorder, claims, people),
      restart: restartCommand(onCommandedEnd),
      resync: resyncCommand(galleries),
      snapshot: snapshotCommand(cameras.map(({ config: { id }, camera }) => ({ id, camera }))),
      wipe: wipeCommand(
        {
          beginWipe: () => beginWipe(config.agentDir),
          forgetGalleries: () => galleries.forget(),
          pendingEvents: () => outbox.stats().pending,
        },
        onCommandedEnd,
      ),
    }),
  },
  {
    provide: CommandDesk,
    inject: [OPTIONS, SignedInbox, MqttSession, HANDLERS, CLOCK],
    useFactory: (
      { identity, logger, parts }: AgentOptions,
      inbox: SignedInbox,
      messenger: MqttSession,
      handlers: CommandHandlers,
      clock: Clock,
    ) =>
      new CommandDesk({
        inbox,
        messenger,
        identity,
        bootClock: parts?.bootClock ?? bootClock(clock),
        newNonce: () => randomBytes(16).toString('hex'),
        handlers,
        logger,
      }),
  },
];
