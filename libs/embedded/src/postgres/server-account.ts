import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { LatchkeyError } from '@latchkey/domain';

const run = promisify(execFile);

/** A command line, ready for `spawn`. */
export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
}

/** The account that Postgres runs as, and how a program is started under it. */
export interface ServerAccount {
  /** Owner of the data; null: whoever runs this process. */
  readonly owner: { readonly uid: number; readonly gid: number } | null;
  /** For the console; null when Postgres runs as whoever runs this process. */
  readonly description: string | null;
  commandLine(program: string, args: readonly string[]): CommandLine;
}

const asOurselves: ServerAccount = {
  owner: null,
  description: null,
  commandLine: (command, args) => ({ command, args }),
};

/** Accounts that exist on nearly every Linux, best first. */
const candidates = ['postgres', 'latchkey', 'nobody'];

/**
 * Rights that root may lend to the server, least first. Postgres refuses to run as root, yet a clone may stand in a
 * folder that only root can enter (`/root`, a folder of mode 0700): then its process keeps the right to pass folders
 * (and, where programs are not executable for others, to pass over file modes) as an ambient capability.
 */
const lentCapabilities = [null, 'dac_read_search', 'dac_override'] as const;

/**
 * The account for a server whose folder is `dataDir`: the caller's own, or as root another one (the owner of data that is
 * already there, else `postgres`, `latchkey` or `nobody`) that was seen to reach folder and program.
 * @throws LatchkeyError `missing-file` when root finds no account that can.
 */
export async function serverAccount(dataDir: string, pgData: string, program: string): Promise<ServerAccount> {
  if (process.getuid?.() !== 0) return asOurselves;
  const account = (await ownerOf(pgData)) ?? (await firstAccount());
  for (const capability of lentCapabilities) {
    const commandLine = commandLineOf(account, capability);
    // Asked of the system, not computed from modes: ACLs, mounts and a container's capability bounds decide as well.
    const probe = commandLine('sh', ['-c', 'cd "$1" && exec "$2" --version', 'sh', dataDir, program]);
    const works = await run(probe.command, [...probe.args], { uid: probe.uid, gid: probe.gid }).then(
      () => true,
      () => false,
    );
    if (works) {
      const description = capability ? `user ${account.name} with ${capability}` : `user ${account.name}`;
      return { owner: account, description, commandLine };
    }
  }
  throw new LatchkeyError(
    'missing-file',
    `Postgres cannot run as root, and user ${account.name} cannot reach ${dataDir} or ${program}. Install "setpriv" (util-linux), move the clone to a folder that others may enter, run as a normal user, or set LATCHKEY_DATABASE_URL.`,
  );
}

/**
 * Node can change the account itself; lending a capability takes `setpriv` (util-linux). `no_setuid_fixup` makes access(2)
 * count it, by which `initdb` looks for `postgres` beside it; else that call forgets the capabilities of who is not root.
 */
function commandLineOf({ uid, gid }: Account, capability: string | null): ServerAccount['commandLine'] {
  if (capability === null) return (command, args) => ({ command, args, uid, gid });
  const lend = ['--securebits=+no_setuid_fixup', `--inh-caps=+${capability}`, `--ambient-caps=+${capability}`];
  return (command, args) => ({
    command: 'setpriv',
    args: [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...lend, command, ...args],
  });
}

interface Account {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
}

async function ownerOf(pgData: string): Promise<Account | null> {
  try {
    const { uid, gid } = await stat(pgData);
    if (uid === 0) return null;
    const name = await run('id', ['-nu', String(uid)]).then(
      ({ stdout }) => stdout.trim(),
      () => String(uid),
    );
    return { uid, gid, name };
  } catch {
    return null;
  }
}

async function firstAccount(): Promise<Account> {
  for (const name of candidates) {
    try {
      const [uid, gid] = await Promise.all(
        ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, name])).stdout)),
      );
      if (uid && gid) return { uid, gid, name };
    } catch {
      // No such account; the next one.
    }
  }
  throw new LatchkeyError(
    'missing-file',
    `Postgres cannot run as root and this machine has none of the accounts ${candidates.join(', ')}; make one ("useradd --system latchkey") or set LATCHKEY_DATABASE_URL.`,
  );
}
