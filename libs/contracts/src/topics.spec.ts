import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  buildTopic,
  deviceAudience,
  groupAudience,
  parseTopic,
  type TopicName,
  topicFilter,
  topics,
} from './topics.ts';

const params = { site: 'main', device: 'front-door', group: 'staff', kind: 'verification', command: 'open-door' };

describe('topics', () => {
  it.each<[TopicName, string]>([
    ['presence', 'latchkey/v1/main/front-door/presence'],
    ['event', 'latchkey/v1/main/front-door/event/verification'],
    ['ack', 'latchkey/v1/main/front-door/ack'],
    ['galleryAnswer', 'latchkey/v1/main/front-door/gallery/answer'],
    ['configDesired', 'latchkey/v1/main/front-door/config/desired'],
    ['groupChanges', 'latchkey/v1/main/_groups/staff/changes'],
  ])('%s is %s', (name, text) => {
    expect(buildTopic(name, params)).toBe(text);
  });

  it('come back out of their text, each as itself', () => {
    for (const name of Object.keys(topics) as TopicName[]) {
      const parsed = parseTopic(buildTopic(name, params));
      expect(parsed?.name).toBe(name);
      for (const [key, value] of Object.entries(parsed?.params ?? {})) {
        expect(value).toBe(params[key as keyof typeof params]);
      }
    }
  });

  it.each([
    '',
    'latchkey',
    'latchkey/v1/main/front-door',
    'latchkey/v2/main/front-door/ack',
    'latchkey/v1/main/front-door/ack/more',
    'latchkey/v1//front-door/ack',
    'latchkey/v1/main/Front/ack',
    'latchkey/v1/main/front-door/event/opened',
    'latchkey/v1/main/+/ack',
    'latchkey/v1/main/_groups/staff/other',
  ])('that are not ours are nobody: %j', (text) => {
    expect(parseTopic(text)).toBeNull();
  });

  it('never take another text than a slug into a level', () => {
    fc.assert(
      fc.property(fc.string(), (device) => {
        fc.pre(!/^[a-z0-9-]{1,64}$/.test(device));
        expect(() => buildTopic('ack', { site: 'main', device })).toThrow(
          expect.objectContaining({ code: 'invalid-input' }),
        );
        expect(parseTopic(`latchkey/v1/main/${device}/ack`)).toBeNull();
      }),
    );
  });

  it('want every level, and leave a filter open where none is given', () => {
    expect(() => buildTopic('event', { site: 'main', device: 'a' })).toThrow(
      expect.objectContaining({ code: 'invalid-input' }),
    );
    expect(topicFilter('event', { site: 'main' })).toBe('latchkey/v1/main/+/event/+');
    expect(() => topicFilter('event', { site: '#' })).toThrow(expect.objectContaining({ code: 'invalid-input' }));
  });

  it('name receivers that no device and group share', () => {
    expect(deviceAudience('main', 'staff')).not.toBe(groupAudience('main', 'staff'));
  });
});
