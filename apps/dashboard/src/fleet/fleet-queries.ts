import type { CreateDeviceRequest, UpdateDeviceRequest } from '@latchkey/contracts';
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../api-client.ts';

const devicesKey = ['devices'] as const;
/** Devices report every 10 s; asking twice as often shows changes soon enough. */
const refetchInterval = 5_000;

/** Pages of devices, renewed while they are looked at. */
export function useDevicePages() {
  return useInfiniteQuery({
    queryKey: [...devicesKey, 'pages'],
    queryFn: ({ pageParam, signal }) => api.devices({ limit: 100, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval,
  });
}

/** The devices by id, for names in lists and filters. */
export function useDeviceNames(): ReadonlyMap<string, string> {
  const { data } = useQuery({
    queryKey: [...devicesKey, 'names'],
    queryFn: ({ signal }) => api.devices({ limit: 500 }, signal),
    select: namesOf,
    staleTime: 30_000,
  });
  return data ?? noNames;
}

const noNames: ReadonlyMap<string, string> = new Map();

function namesOf({ items }: { items: readonly { id: string; name: string }[] }): ReadonlyMap<string, string> {
  return new Map(items.map(({ id, name }) => [id, name]));
}

/** One device, renewed while it is looked at. */
export function useDevice(id: string) {
  return useQuery({
    queryKey: [...devicesKey, 'one', id],
    queryFn: ({ signal }) => api.device(id, signal),
    refetchInterval,
  });
}

/** Makes a device; the answer is its identity file, which is never shown again. */
export function useCreateDevice() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (device: CreateDeviceRequest) => api.createDevice(device),
    onSuccess: () => client.invalidateQueries({ queryKey: devicesKey }),
  });
}

/** Removes a device from the fleet. */
export function useDeleteDevice(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.deleteDevice(id),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: [...devicesKey, 'one', id], refetchType: 'none' });
      await client.invalidateQueries({ queryKey: [...devicesKey, 'pages'] });
    },
  });
}

/** Changes name, groups or door policy of a device. */
export function useUpdateDevice(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: UpdateDeviceRequest) => api.updateDevice(id, change),
    onSuccess: (device) => {
      client.setQueryData([...devicesKey, 'one', id], device);
      return client.invalidateQueries({ queryKey: devicesKey });
    },
  });
}
