import { randomBytes } from 'node:crypto';
import { type AgentIdentity, deviceClientId } from '@latchkey/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { BrokerService, hashDevicePassword } from '../broker/broker.service.ts';
import { LinkService } from '../link/link.service.ts';

/** A new password, as its device gets it and as it is stored. */
export interface NewPassword {
  readonly password: string;
  readonly hash: string;
}

/** Makes what a machine needs to be a device. */
@Injectable()
export class DeviceIdentities {
  constructor(
    @Inject(BrokerService) private readonly broker: BrokerService,
    @Inject(LinkService) private readonly link: LinkService,
  ) {}

  /** 32 random bytes. */
  newPassword(): NewPassword {
    const password = randomBytes(32).toString('base64url');
    return { password, hash: hashDevicePassword(password) };
  }

  /**
   * The identity file of a device. An external broker without accounts ignores user name and password; one with accounts must
   * be given them. Central's own account there is never handed out.
   */
  identity(siteId: string, deviceId: string, password: string): AgentIdentity {
    return {
      siteId,
      deviceId,
      mqtt: { url: this.broker.publicUrl, username: deviceClientId(siteId, deviceId), password },
      trustedKeys: [...this.link.keys.trustedKeys()],
    };
  }
}
