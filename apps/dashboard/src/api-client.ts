import {
  type AgentIdentity,
  accountView,
  agentIdentity,
  type CommandCall,
  type CreateAccountRequest,
  type CreateDeviceRequest,
  type CreateGroupRequest,
  type CreatePersonRequest,
  type CreateScheduleRequest,
  commandView,
  deviceView,
  enrolmentResponse,
  eventView,
  groupView,
  healthView,
  type LoginRequest,
  listedAccount,
  loginResponse,
  type PasswordRequest,
  page,
  personView,
  photoView,
  problemDetails,
  scheduleView,
  type UpdateDeviceRequest,
  type UpdatePersonRequest,
  type UpdateScheduleRequest,
} from '@latchkey/contracts';
import type { EnrolmentWarningCode } from '@latchkey/domain';
import { z } from 'zod';
import { ApiError } from './api-error.ts';

/** Query parameters; those that are undefined or empty are left out, lists are repeated. */
type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>;

interface Call {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly query?: Query;
  readonly json?: unknown;
  readonly form?: FormData;
  readonly signal?: AbortSignal;
  /** Statuses outside 200–299 that may carry the same body. */
  readonly alsoAccept?: readonly number[];
}

const nothing = z.unknown().transform(() => undefined);

/** The path with its query below `/api`. */
export function apiPath(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    for (const one of [value ?? []].flat()) if (one !== '') search.append(key, String(one));
  }
  const text = search.toString();
  return `/api/${path}${text === '' ? '' : `?${text}`}`;
}

/**
 * One request. The session travels in its cookie.
 * @throws ApiError with central's code and sentence; `unreachable` without an answer, `unexpected-answer` when its form is not
 *   the contract's.
 */
async function call<S extends z.ZodType>(schema: S, path: string, options: Call = {}): Promise<z.output<S>> {
  const { method = 'GET', query, json, form, signal, alsoAccept = [] } = options;
  const address = apiPath(path, query);
  let response: Response;
  try {
    response = await fetch(address, {
      method,
      signal,
      body: json === undefined ? form : JSON.stringify(json),
      headers: { accept: 'application/json', ...(json !== undefined && { 'content-type': 'application/json' }) },
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(
      'unreachable',
      0,
      'Central does not answer. Check that it runs and that you are connected to it.',
    );
  }
  const body = await bodyOf(response);
  if (!response.ok && !alsoAccept.includes(response.status)) throw problemOf(response, body);
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  if (!response.ok) throw problemOf(response, body);
  const issue = parsed.error.issues[0];
  throw new ApiError(
    'unexpected-answer',
    response.status,
    `${method} ${address} answered in a form that this page does not know (${issue?.path.join('.') || 'body'}: ${issue?.message}). Reload the page; it may be older than central.`,
  );
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problemOf(response: Response, body: unknown): ApiError {
  const problem = problemDetails.safeParse(body);
  if (problem.success) {
    const { code, status, detail, details } = problem.data;
    return new ApiError(code, status, detail, details);
  }
  return new ApiError(
    'unexpected-answer',
    response.status,
    `The server answered ${response.status} ${response.statusText}`.trim(),
  );
}

function photoForm(photos: readonly File[]): FormData {
  const form = new FormData();
  for (const photo of photos) form.append('photos', photo, photo.name);
  return form;
}

/** Every request that the dashboard makes. Answers are parsed here and typed everywhere else; failures are {@link ApiError}s. */
export const api = {
  health: (signal?: AbortSignal) => call(healthView, 'health', { signal, alsoAccept: [503] }),

  account: (signal?: AbortSignal) => call(accountView, 'auth/me', { signal }),
  signIn: (json: LoginRequest) => call(loginResponse, 'auth/login', { method: 'POST', json }),
  signOut: () => call(nothing, 'auth/logout', { method: 'POST' }),
  changePassword: (json: PasswordRequest) => call(nothing, 'auth/password', { method: 'POST', json }),

  accounts: (query: Query, signal?: AbortSignal) => call(page(listedAccount), 'accounts', { query, signal }),
  createAccount: (json: CreateAccountRequest) => call(listedAccount, 'accounts', { method: 'POST', json }),
  deleteAccount: (id: string) => call(nothing, `accounts/${id}`, { method: 'DELETE' }),

  people: (query: Query, signal?: AbortSignal) => call(page(personView), 'people', { query, signal }),
  person: (id: string, signal?: AbortSignal) => call(personView, `people/${id}`, { signal }),
  createPerson: (json: CreatePersonRequest) => call(personView, 'people', { method: 'POST', json }),
  updatePerson: (id: string, json: UpdatePersonRequest) => call(personView, `people/${id}`, { method: 'PATCH', json }),
  deletePerson: (id: string) => call(nothing, `people/${id}`, { method: 'DELETE' }),
  photos: (personId: string, signal?: AbortSignal) => call(page(photoView), `people/${personId}/photos`, { signal }),
  /** One result a photo, in order; also when none was accepted (422). */
  addPhotos: (personId: string, photos: readonly File[], acceptDespite: readonly EnrolmentWarningCode[] = []) =>
    call(enrolmentResponse, `people/${personId}/photos`, {
      method: 'POST',
      query: { acceptDespite },
      form: photoForm(photos),
      alsoAccept: [422],
    }),
  deletePhoto: (personId: string, photoId: string) =>
    call(nothing, `people/${personId}/photos/${photoId}`, { method: 'DELETE' }),
  enrolEvent: (personId: string, eventId: string, acceptDespite: readonly EnrolmentWarningCode[]) =>
    call(enrolmentResponse, `people/${personId}/faces`, {
      method: 'POST',
      query: { acceptDespite },
      json: { eventId },
    }),

  groups: (signal?: AbortSignal) => call(page(groupView), 'groups', { query: { limit: 500 }, signal }),
  createGroup: (json: CreateGroupRequest) => call(groupView, 'groups', { method: 'POST', json }),

  schedules: (signal?: AbortSignal) => call(page(scheduleView), 'schedules', { query: { limit: 500 }, signal }),
  schedule: (id: string, signal?: AbortSignal) => call(scheduleView, `schedules/${id}`, { signal }),
  createSchedule: (json: CreateScheduleRequest) => call(scheduleView, 'schedules', { method: 'POST', json }),
  updateSchedule: (id: string, json: UpdateScheduleRequest) =>
    call(scheduleView, `schedules/${id}`, { method: 'PATCH', json }),
  deleteSchedule: (id: string) => call(nothing, `schedules/${id}`, { method: 'DELETE' }),

  devices: (query: Query, signal?: AbortSignal) => call(page(deviceView), 'devices', { query, signal }),
  device: (id: string, signal?: AbortSignal) => call(deviceView, `devices/${id}`, { signal }),
  createDevice: (json: CreateDeviceRequest): Promise<AgentIdentity> =>
    call(agentIdentity, 'devices', { method: 'POST', json }),
  deleteDevice: (id: string) => call(nothing, `devices/${id}`, { method: 'DELETE' }),
  updateDevice: (id: string, json: UpdateDeviceRequest) => call(deviceView, `devices/${id}`, { method: 'PATCH', json }),

  commands: (deviceId: string, signal?: AbortSignal) =>
    call(z.array(commandView), `devices/${deviceId}/commands`, { signal }),
  giveCommand: (deviceId: string, json: CommandCall) =>
    call(commandView, `devices/${deviceId}/commands`, { method: 'POST', json }),

  event: (id: string, signal?: AbortSignal) => call(eventView, `events/${id}`, { signal }),
  events: (query: Query, signal?: AbortSignal) => call(page(eventView), 'events', { query, signal }),
} as const;

/** Address of a person's photo. */
export function photoAddress(personId: string, photoId: string): string {
  return apiPath(`people/${personId}/photos/${photoId}`);
}

/** Address of the picture that a command brought. */
export function commandPictureAddress(commandId: string): string {
  return apiPath(`commands/${commandId}/picture`);
}

/** Address of the live stream of the events that match a filter. */
export function eventStreamAddress(filter: Query): string {
  return apiPath('events/stream', filter);
}
