import { describe, expect, it } from '@jest/globals';
import { applyOperations, type GalleryOperation } from '@latchkey/domain';
import { GroupRows } from './group-rows.ts';
import { LiveGallery } from './live-gallery.ts';

const person = (personId: string): GalleryOperation => ({
  op: 'upsert-person',
  personId,
  name: personId,
  always: false,
});
const encoding = (encodingId: string, personId: string, x: number, modelId = 'm'): GalleryOperation => ({
  op: 'upsert-encoding',
  encodingId,
  personId,
  modelId,
  values: Float32Array.of(x, 0),
});
const rowsOf = (...operations: GalleryOperation[]) => GroupRows.empty.after(operations);
const probe = (x: number) => ({ modelId: 'm', values: Float32Array.of(x, 0) });
const ada = [person('ada'), encoding('e1', 'ada', 1)];

describe('live gallery', () => {
  it('knows nobody at first', () => {
    const live = new LiveGallery('m', 2);
    expect(live.nearest(probe(1))).toBeNull();
    expect(live.revisionFor(null)).toBe(0);
  });

  it('gives the nearest person with distance and margin, whatever the distance', () => {
    const live = new LiveGallery('m', 2);
    live.set('staff', 1, rowsOf(...ada, person('eve'), encoding('e2', 'eve', 5)));
    expect(live.nearest(probe(2))).toEqual({ personId: 'ada', distance: 1, margin: 2 });
  });

  it('keeps somebody who is in two groups until the last of them drops them', () => {
    const live = new LiveGallery('m', 2);
    live.set('staff', 4, rowsOf(...ada));
    live.set('guests', 7, rowsOf(...ada));
    expect(live.nearest(probe(1))?.margin).toBeNull();
    live.set('staff', 5, GroupRows.empty);
    expect(live.nearest(probe(1))?.personId).toBe('ada');
    expect(live.revisionFor('ada')).toBe(7);
    live.drop('guests');
    expect(live.nearest(probe(1))).toBeNull();
    expect(live.person('ada')).toBeNull();
  });

  it('follows a replaced encoding', () => {
    const live = new LiveGallery('m', 2);
    const first = rowsOf(...ada);
    live.set('staff', 1, first);
    live.set('staff', 2, first.after([encoding('e1', 'ada', 3)]));
    expect(live.nearest(probe(3))?.distance).toBe(0);
  });

  it('does not use encodings of another model, and says so', () => {
    const live = new LiveGallery('m', 2);
    live.set('staff', 1, rowsOf(person('ada'), encoding('e1', 'ada', 1, 'older')));
    expect(live.nearest(probe(1))).toBeNull();
    expect(live.modelChanged).toBe(true);
    live.set('staff', 2, rowsOf(...ada));
    expect(live.modelChanged).toBe(false);
  });

  it('leaves a locked group out until it is set again', () => {
    const live = new LiveGallery('m', 2);
    live.set('staff', 1, rowsOf(...ada));
    live.lock('staff');
    expect([live.partlyLocked, live.nearest(probe(1))]).toEqual([true, null]);
    live.set('staff', 2, rowsOf(...ada));
    expect([live.partlyLocked, live.nearest(probe(1))?.personId]).toEqual([false, 'ada']);
  });

  it('counts only real changes as a new generation', () => {
    const live = new LiveGallery('m', 2);
    const rows = rowsOf(...ada);
    live.set('staff', 1, rows);
    const { generation } = live;
    live.set('staff', 1, rows);
    expect(live.generation).toBe(generation);
    live.set('staff', 2, GroupRows.empty);
    expect(live.generation).toBe(generation + 1);
  });
});

describe('rows of a group', () => {
  it('have the content hash of the domain, after every step', () => {
    let rows = GroupRows.empty;
    for (const step of [
      ada,
      [person('eve'), encoding('e2', 'eve', 5)],
      [{ op: 'remove-person', personId: 'ada' } as const],
    ]) {
      rows = rows.after(step);
      expect(rows.contentHash()).toBe(GroupRows.of(applyOperations(rows, [])).contentHash());
    }
    expect(rows.persons.size).toBe(1);
  });
});
