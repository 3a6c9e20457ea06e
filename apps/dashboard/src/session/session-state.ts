import type { AccountView } from '@latchkey/contracts';
import { type QueryClient, useQuery } from '@tanstack/react-query';
import { api } from '../api-client.ts';
import { isSessionEnded } from '../api-error.ts';

const accountKey = ['account'] as const;
const hintKey = 'latchkey-signed-in';

/** Who is signed in; null for nobody. */
export function useAccount() {
  return useQuery({
    queryKey: accountKey,
    queryFn: ({ signal }) => readAccount(signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/**
 * The cookie is out of a page's reach, so a hint in the browser's storage says whether asking is worth it: a visitor who never
 * signed in meets the sign-in page without a refused request before it.
 */
async function readAccount(signal: AbortSignal): Promise<AccountView | null> {
  if (!readHint()) return null;
  try {
    return await api.account(signal);
  } catch (error) {
    if (!isSessionEnded(error)) throw error;
    writeHint(false);
    return null;
  }
}

/** Takes over a session that just began; nothing that another account has read is shown to this one. */
export function beginSession(client: QueryClient, account: AccountView): void {
  writeHint(true);
  client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== accountKey[0] });
  client.setQueryData(accountKey, account);
}

/** Ends the session on this page: the visitor is led to the sign-in page and back again. */
export function endSession(client: QueryClient): void {
  writeHint(false);
  client.setQueryData(accountKey, null);
}

/** Asks central again who is signed in, for instance when the live stream was refused. */
export function checkSession(client: QueryClient): Promise<void> {
  return client.invalidateQueries({ queryKey: accountKey });
}

/** Changes what is known about the account without asking. */
export function updateAccount(client: QueryClient, change: Partial<AccountView>): void {
  client.setQueryData<AccountView | null>(accountKey, (account) => account && { ...account, ...change });
}

function readHint(): boolean {
  try {
    return localStorage.getItem(hintKey) === 'yes';
  } catch {
    return true;
  }
}

function writeHint(signedIn: boolean): void {
  try {
    if (signedIn) localStorage.setItem(hintKey, 'yes');
    else localStorage.removeItem(hintKey);
  } catch {
    // Storage may be forbidden: central is then asked each time.
  }
}
