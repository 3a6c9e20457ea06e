import { randomBytes, randomUUID } from 'node:crypto';
import { changeFromWire, type GalleryAnswer, type GalleryAsk } from '@latchkey/contracts';
import { contentHashOfRows, type GalleryOperation } from '@latchkey/domain';
import type { LocalDatabase } from '@latchkey/link';
import { ManualClock, ScriptedGallery, scriptedModel, type TemporaryFolder } from '@latchkey/testing';
import { GroupSync } from '../../apps/edge-agent/src/gallery/group-sync.ts';
import { HeldGallery } from '../../apps/edge-agent/src/gallery/held-gallery.ts';
import { LiveGallery } from '../../apps/edge-agent/src/gallery/live-gallery.ts';
import { openAgentDatabase } from '../../apps/edge-agent/src/store/agent-database.ts';
import { GalleryRepository } from '../../apps/edge-agent/src/store/gallery.repository.ts';

/** Two people. */
export const ada = randomUUID();
export const eve = randomUUID();

/** What enrols a person whose face is at `x`. */
export function enrol(personId: string, x: number, encodingId: string = randomUUID()): GalleryOperation[] {
  const values = Float32Array.of(x, 0, 0, 0);
  return [
    { op: 'upsert-person', personId, name: `person ${x}`, always: false },
    { op: 'upsert-encoding', encodingId, personId, modelId: scriptedModel.id, values },
  ];
}

/** One device and one group at central, talking by hand. */
export class GalleryBench {
  readonly clock = new ManualClock();
  readonly central = new ScriptedGallery('main', 'staff', scriptedModel.id);
  readonly asks: GalleryAsk[] = [];
  readonly failures: string[] = [];
  readonly offsets: number[] = [];
  readonly live = new LiveGallery(scriptedModel.id, 4);
  readonly database: LocalDatabase;
  readonly repository: GalleryRepository;
  readonly sync: GroupSync;

  constructor(folder: TemporaryFolder) {
    this.database = openAgentDatabase(folder.path, 'x', () => null).database;
    this.repository = new GalleryRepository(this.database);
    const reading = () => ({ now: this.clock.now(), monotonicMs: this.clock.monotonicMs() });
    this.sync = new GroupSync({
      siteId: 'main',
      modelId: scriptedModel.id,
      gallery: new HeldGallery('main', 'staff', this.repository, this.live),
      repository: this.repository,
      reading,
      newNonce: () => randomBytes(16).toString('hex'),
      send: (ask) => this.asks.push(ask),
      onChanged: () => undefined,
      onFailed: (message) => this.failures.push(message),
      onCentral: ({ centralTime }, asked) => this.offsets.push(centralTime - asked.now),
    });
  }

  /** The newest question. */
  get lastAsk(): GalleryAsk {
    const ask = this.asks.at(-1);
    if (!ask) throw new Error('nothing was asked');
    return ask;
  }

  /** Answers the newest question, as central would or as a test wants it. */
  answer(change: (answer: GalleryAnswer) => GalleryAnswer = (answer) => answer): void {
    const time = new Date(this.clock.now()).toISOString();
    for (const answer of this.central.answer(this.lastAsk, time)) this.sync.receiveAnswer(change(answer));
  }

  /** Answers until nothing more is asked. */
  settle(): void {
    for (let answered = -1; answered !== this.asks.length; ) {
      answered = this.asks.length;
      this.answer();
    }
  }

  /** A change that reaches the device. */
  publish(...operations: GalleryOperation[]): void {
    this.sync.receiveChange(changeFromWire(this.central.change(...operations)));
  }

  /** Who is nearest to a face. */
  seen(x: number): string | null {
    return this.live.nearest({ modelId: scriptedModel.id, values: Float32Array.of(x, 0, 0, 0) })?.personId ?? null;
  }

  /** The content's hash of what lies on disk. */
  diskHash(): string | null {
    const [head] = this.repository.heads();
    return head ? contentHashOfRows(this.repository.content('staff', head.generation)) : null;
  }
}
