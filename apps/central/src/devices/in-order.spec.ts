import { describe, expect, it } from '@jest/globals';
import { LatchkeyError } from '@latchkey/domain';
import { gate } from '@latchkey/testing';
import { InOrder } from './in-order.ts';

const away = () => Promise.reject(new LatchkeyError('database-unavailable', 'away'));

describe('InOrder', () => {
  it('does the work of one key in the order in which it came, whatever each takes', async () => {
    const order = new InOrder();
    const done: string[] = [];
    const first = gate();
    const works = [
      order.run('door-1', async () => {
        await first.opened;
        done.push('birth');
      }),
      order.run('door-1', async () => void done.push('will')),
    ];
    await order.run('door-2', async () => void done.push('another'));
    expect(done).toEqual(['another']);
    first.open();
    await Promise.all(works);
    expect(done).toEqual(['another', 'birth', 'will']);
    expect(order.busy).toBe(0);
  });

  it('does not let later work overtake what the database was away for', async () => {
    const order = new InOrder();
    const done: string[] = [];
    let attempts = 0;
    const works = [
      order.run('door-1', async () => {
        if (++attempts < 2) await away();
        done.push('birth');
      }),
      order.run('door-1', async () => void done.push('will')),
    ];
    await Promise.all(works);
    expect(done).toEqual(['birth', 'will']);
  });

  it('goes on after work that failed otherwise, and says so to whom it concerns', async () => {
    const order = new InOrder();
    const failed = order.run('door-1', () => Promise.reject(new Error('a fault')));
    const next = order.run('door-1', async () => undefined);
    await expect(failed).rejects.toThrow('a fault');
    await next;
  });

  it('tries nothing again once stopped', async () => {
    const order = new InOrder();
    const attempted = gate();
    let attempts = 0;
    const failed = order.run('door-1', () => {
      attempts++;
      attempted.open();
      return away();
    });
    const refused = order.run('door-1', async () => {
      attempts++;
    });
    const outcomes = Promise.allSettled([failed, refused]);
    await attempted.opened;
    await order.stop();
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(attempts).toBe(1);
  });
});
