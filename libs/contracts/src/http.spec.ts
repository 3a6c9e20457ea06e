import { describe, expect, it } from '@jest/globals';
import { displayName } from './http.ts';

describe('display names', () => {
  it.each([
    ['Jürgen Groß-Müller', 'Jürgen Groß-Müller'],
    ['  李小龍 ', '李小龍'],
    ['محمد', 'محمد'],
    // Persian writes a zero-width non-joiner inside words, emoji a joiner.
    ['علی\u200cرضا', 'علی\u200cرضا'],
    ['👩\u200d🔧', '👩\u200d🔧'],
    ['e\u0301', 'é'],
  ])('%j is one', (name, stored) => {
    expect(displayName.parse(name)).toBe(stored);
  });

  it.each([
    ['nothing', ''],
    ['spaces', '  \u2003 '],
    ['what nobody sees', '\u200b\u200d\u2060'],
    ['a NUL', 'a\u0000b'],
    ['a new line', 'a\nb'],
    ['half a surrogate pair', 'a\ud800b'],
    ['what turns the direction of the log', '\u202edetnarg'],
    ['an isolate', 'a\u2066b'],
    ['too much', 'x'.repeat(201)],
  ])('%s is none', (_, name) => {
    expect(displayName.safeParse(name).success).toBe(false);
  });
});
