import { describe, expect, it } from '@jest/globals';
import { deviceOfUsername, judgeSubscription, mayPublish, mayUseClientId, sameHash } from './access-rules.ts';

const device = { siteId: 'berlin', deviceId: 'door-1' };
const own = 'latchkey/v1/berlin/door-1';

describe('publishing', () => {
  it.each([
    [`${own}/event/verification`, true],
    [`${own}/presence`, true],
    [`${own}/telemetry`, true],
    [`${own}/gallery/ask`, true],
    [`${own}/gallery/reported`, true],
    [`${own}/config/reported`, true],
    // What central says must come from central.
    [`${own}/ack`, false],
    [`${own}/gallery/answer`, false],
    [`${own}/config/desired`, false],
    ['latchkey/v1/berlin/_groups/everyone/changes', false],
    // Another device, another site, a level too many or too few.
    ['latchkey/v1/berlin/door-2/presence', false],
    ['latchkey/v1/paris/door-1/presence', false],
    [`${own}/event/verification/more`, false],
    [`${own}/event`, false],
    [`${own}/event/sesame`, false],
    [`${own}/command/open-door`, false],
    // Wildcards and brokers' own topics are no topics of ours.
    ['latchkey/v1/berlin/+/presence', false],
    ['#', false],
    ['$SYS/broker/clients', false],
    [`$share/ingest/${own}/presence`, false],
    ['', false],
    [`/${own}/presence`, false],
    [`${own}/presence/`, false],
    ['latchkey/v2/berlin/door-1/presence', false],
    ['latchkey/v1/BERLIN/door-1/presence', false],
  ])('%s: %s', (topic, allowed) => {
    expect(mayPublish(device, topic)).toBe(allowed);
  });
});

describe('subscribing', () => {
  it.each([
    [`${own}/ack`, 'allowed'],
    [`${own}/gallery/answer`, 'allowed'],
    [`${own}/config/desired`, 'allowed'],
    ['latchkey/v1/berlin/_groups/everyone/changes', 'if-member'],
    ['latchkey/v1/paris/_groups/everyone/changes', 'refused'],
    ['latchkey/v1/berlin/_groups/+/changes', 'refused'],
    ['latchkey/v1/berlin/door-2/ack', 'refused'],
    ['latchkey/v1/paris/door-1/ack', 'refused'],
    // Its own messages are nobody's to read but central's.
    [`${own}/event/verification`, 'refused'],
    [`${own}/presence`, 'refused'],
    [`${own}/#`, 'refused'],
    [`${own}/+`, 'refused'],
    ['latchkey/v1/berlin/+/ack', 'refused'],
    ['latchkey/v1/+/door-1/ack', 'refused'],
    ['#', 'refused'],
    ['+/+/+/+/ack', 'refused'],
    ['$SYS/#', 'refused'],
    ['$SYS/broker/new/clients', 'refused'],
    [`$share/g/${own}/ack`, 'refused'],
    ['', 'refused'],
  ])('%s: %s', (filter, verdict) => {
    expect(judgeSubscription(device, filter).type).toBe(verdict);
  });

  it('asks about exactly the group that is named', () => {
    expect(judgeSubscription(device, 'latchkey/v1/berlin/_groups/staff/changes')).toEqual({
      type: 'if-member',
      groupId: 'staff',
    });
  });
});

describe('names', () => {
  it.each([
    ['berlin/door-1', device],
    ['berlin', null],
    ['berlin/', null],
    ['/door-1', null],
    ['berlin/door-1/x', null],
    ['berlin/_groups', null],
    ['Berlin/door-1', null],
    ['_central', null],
  ])('user name %s', (username, expected) => {
    expect(deviceOfUsername(username)).toEqual(expected);
  });

  it.each([
    ['berlin/door-1', true],
    ['berlin/door-1/second', true],
    ['berlin/door-10', false],
    ['berlin/door', false],
    ['paris/door-1', false],
    ['', false],
  ])('client id %s', (clientId, allowed) => {
    expect(mayUseClientId(device, clientId)).toBe(allowed);
  });
});

it('compares hashes of any length', () => {
  expect(sameHash('abc', 'abc')).toBe(true);
  expect(sameHash('abc', 'abd')).toBe(false);
  expect(sameHash('abc', 'ab')).toBe(false);
  expect(sameHash('', 'ab')).toBe(false);
});
