import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { asyncApiYaml } from './asyncapi.ts';
import { topics } from './topics.ts';

const checkedIn = new URL('../../../docs/asyncapi.yaml', import.meta.url);

describe('the AsyncAPI document', () => {
  it('is checked in as it is made (else run "npm run docs")', () => {
    expect(readFileSync(checkedIn, 'utf8')).toBe(asyncApiYaml());
  });

  it('shows every topic with its address, direction and delivery', () => {
    const document = parse(asyncApiYaml());
    for (const [name, { pattern, from, qos, retain }] of Object.entries(topics)) {
      expect(document.channels[name].address).toBe(pattern);
      expect(document.operations[name]).toMatchObject({
        action: from === 'device' ? 'receive' : 'send',
        bindings: { mqtt: { qos, retain } },
      });
    }
  });

  it('shows what is inside a signed message', () => {
    const { payload } = parse(asyncApiYaml()).components.messages.ack;
    expect(payload.required).toContain('signature');
    expect(payload.properties.payload.contentSchema.properties).toHaveProperty('ranges');
  });
});
