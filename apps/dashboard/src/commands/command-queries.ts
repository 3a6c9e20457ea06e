import type { CommandCall } from '@latchkey/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../api-client.ts';
import { isUnderWay } from './command-words.ts';

const keyOf = (deviceId: string) => ['commands', deviceId] as const;
/** Somebody waits for the end of what is under way. */
const busyMs = 500;
const idleMs = 10_000;

/** The newest commands of a device, newest first, renewed while they are looked at. */
export function useCommands(deviceId: string) {
  return useQuery({
    queryKey: keyOf(deviceId),
    queryFn: ({ signal }) => api.commands(deviceId, signal),
    refetchInterval: ({ state: { data } }) => (data?.some(isUnderWay) ? busyMs : idleMs),
  });
}

/** Gives a device a command. */
export function useGiveCommand(deviceId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (call: CommandCall) => api.giveCommand(deviceId, call),
    onSuccess: () => client.invalidateQueries({ queryKey: keyOf(deviceId) }),
  });
}
