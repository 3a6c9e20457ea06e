import { isTimeZone } from '@latchkey/domain';
import { z } from 'zod';
import { instant, slug } from './identifiers.ts';

/** What binds a person beside being known (`PersonAccess` of the domain); carried to devices with the person. */
export const personAccess = z.strictObject({
  /** First moment of the right to enter, null: since ever. */
  validFrom: instant.nullable(),
  /** End of the right to enter, exclusive; null: for ever. */
  validUntil: instant.nullable(),
  /** Null: at any time. */
  scheduleId: slug.nullable(),
  /** Whoever is granted raises a silent alarm. */
  duress: z.boolean(),
  /** Enters only together with somebody who may enter alone. */
  escorted: z.boolean(),
});

/** A time of day by the wall clock. */
const dayTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time as HH:MM');
const dayPeriod = z.strictObject({
  from: dayTime,
  /** Exclusive. Not after `from`: until the next day. */
  to: z.union([dayTime, z.literal('24:00')]),
});

/** When somebody may enter (`Schedule` of the domain): a week, and days that it does not apply to. */
export const scheduleTimes = z.strictObject({
  weekly: z
    .array(
      dayPeriod.extend({
        /** ISO 8601: 1 is Monday, 7 is Sunday. */
        days: z.array(z.number().int().min(1).max(7)).min(1).max(7),
      }),
    )
    .max(50),
  exceptions: z
    .array(
      z
        .strictObject({
          /** First and last day. */
          from: z.iso.date(),
          to: z.iso.date(),
          /** None: nobody enters on these days. */
          periods: z.array(dayPeriod).max(10),
        })
        .refine(({ from, to }) => from <= to, 'the last day is not before the first'),
    )
    .max(100),
});
export type ScheduleTimes = z.infer<typeof scheduleTimes>;

/** Every device has all schedules in its configuration: so many fit into one message. */
export const maxSchedules = 50;

/** A schedule as devices know it. */
export const schedule = scheduleTimes.extend({ id: slug });
export type ScheduleConfig = z.infer<typeof schedule>;

const seconds = z.number().int().min(1).max(86_400);

const ruleShapes = {
  /** Zone that schedules are kept in at this door. */
  timeZone: z.string().max(64).refine(isTimeZone, 'an IANA time zone such as Europe/Berlin'),
  /** `report`: a face that seems not to be live is let in and the event says so. */
  liveness: z.strictObject({ mode: z.enum(['off', 'report', 'require']), minimum: z.number().min(0).max(1) }),
  /** Whoever would be let in first has to blink or to turn the head, as the prompt asks. */
  activeLiveness: z.strictObject({ required: z.boolean() }),
  /** The same person twice within the window. `report`: is let in and the event says so. `deny`: is not. */
  antiPassback: z.strictObject({ mode: z.enum(['off', 'report', 'deny']), windowS: seconds }),
  /** After so many failures within the window nobody passes as that person for a while, longer each time. */
  lockOut: z.strictObject({
    enabled: z.boolean(),
    failures: z.number().int().min(1).max(100),
    windowS: seconds,
    forS: seconds.max(3_600),
  }),
  /** The device lets nobody in once central has not answered it for so many hours of its running. */
  offlineGrace: z.strictObject({ enabled: z.boolean(), hours: z.number().int().min(1).max(8_760) }),
  /** Everybody needs a second person within the time; also how long escorted persons have where that is not required. */
  twoPerson: z.strictObject({ required: z.boolean(), withinS: seconds.max(300) }),
};

/**
 * Rules of a door beside who somebody is (`DoorRules` of the domain). What is left out is off, so that a policy which was
 * written before a rule existed means what it meant.
 */
export const doorRules = z.strictObject({
  timeZone: ruleShapes.timeZone.default('UTC'),
  liveness: ruleShapes.liveness.default({ mode: 'off', minimum: 0.5 }),
  activeLiveness: ruleShapes.activeLiveness.default({ required: false }),
  antiPassback: ruleShapes.antiPassback.default({ mode: 'off', windowS: 300 }),
  lockOut: ruleShapes.lockOut.default({ enabled: false, failures: 5, windowS: 300, forS: 60 }),
  offlineGrace: ruleShapes.offlineGrace.default({ enabled: false, hours: 720 }),
  twoPerson: ruleShapes.twoPerson.default({ required: false, withinS: 15 }),
});

/** A change of rules: those that are given replace theirs, the others stay. */
export const doorRulesChange = z.strictObject(ruleShapes).partial();
