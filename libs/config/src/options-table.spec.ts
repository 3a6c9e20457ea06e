import { describe, expect, it } from '@jest/globals';
import { agentOptions } from './agent.config.ts';
import { centralOptions } from './central.config.ts';
import { optionsTable } from './options-table.ts';

describe('optionsTable', () => {
  const lines = optionsTable().split('\n').slice(2);

  it('has one row for every option of every process', () => {
    const names = lines.map((line) => /^\| `(\w+)` \|/.exec(line)?.[1]);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(
      expect.arrayContaining([...Object.keys(agentOptions.shape), ...Object.keys(centralOptions.shape)]),
    );
  });

  it('says what every option means', () => {
    for (const line of lines) expect(line).toMatch(/\| [^|]{5,} \|$/);
  });

  it('shows defaults as they are written', () => {
    expect(lines).toContainEqual(expect.stringMatching(/^\| `LATCHKEY_HTTP_HOST` \| `127\.0\.0\.1` \| .*central.*/));
  });
});
