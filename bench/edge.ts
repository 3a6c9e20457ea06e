import { randomUUID } from 'node:crypto';
import { type AgentIdentity, firstDoorPolicy, type Telemetry } from '@latchkey/contracts';
import { MqttSession, SigningKeys } from '@latchkey/link';
import {
  EmbeddedTestBroker,
  eventually,
  MemoryCentral,
  ScriptedCentral,
  ScriptedGallery,
  type TemporaryFolder,
  temporaryFolder,
} from '@latchkey/testing';
import { createFaceAnalyzer } from '@latchkey/vision';
import { flagValue } from './chosen.ts';
import { MeasuredAgent } from './edge-agent.ts';
import { type Actor, castOf, encodingsOf } from './edge-cast.ts';
import { type Film, filmOfGroup, filmOfNobody, filmOfTurns } from './edge-film.ts';
import { countRightNames } from './edge-names.ts';
import { type PeerRun, runPeers } from './edge-peers.ts';
import { Projector } from './edge-projector.ts';
import { type Figure, figureOf } from './figure.ts';

const siteId = 'main';
const deviceId = 'front';
const people = 12;
/** Starts of the agent; the one in the middle counts. */
const starts = 3;

interface Stage {
  readonly folder: TemporaryFolder;
  readonly identity: AgentIdentity;
  readonly projector: Projector;
  readonly cameraUrl: string;
  readonly profileDir: string | null;
  /** Intervals of ten seconds that each scene is measured in. */
  readonly intervals: number;
}

interface Films {
  readonly turns: Film;
  readonly group: Film;
  readonly nobody: Film;
}

/**
 * The installed agent with all of its parts, a process before a network camera that shows films of 640 × 480 made out of
 * photographs: what it says of itself in its telemetry, the worst of several intervals. It has one thread for inference; its
 * other work, the camera and the broker share the rest of the machine.
 * @param flags `--quick` for one interval of ten seconds a scene instead of two, `--no-peers` for no comparison with
 * face_recognition and face-api, `--peers=DIR` to keep what is installed for it, `--profile=DIR` for a profile of the agent's
 * main thread.
 */
export async function measureEdge(flags: readonly string[]): Promise<readonly Figure[]> {
  const actors = await castOf(people);
  if (!actors) {
    console.error('skipped: the pictures are not beside the repository (../shared/faces)');
    return [];
  }
  const films = {
    turns: await filmOfTurns(actors),
    group: await filmOfGroup(actors.slice(0, 5)),
    nobody: await filmOfNobody(),
  };
  const folder = temporaryFolder();
  const central = new EdgeCentral(folder);
  const projector = new Projector();
  try {
    const stage: Stage = {
      folder,
      identity: await central.start(actors),
      projector,
      cameraUrl: await projector.start(),
      profileDir: flagValue(flags, 'profile') ?? null,
      intervals: flags.includes('--quick') ? 1 : 2,
    };
    const figures = [...(await measureScenes(stage, films)), await measureStart(stage, filmOfOne(films.turns, actors))];
    if (flags.includes('--no-peers')) return figures;
    const peersDir = flagValue(flags, 'peers') ?? folder.file('peers');
    return [...figures, ...besidePeers(figures, await runPeers(films.turns, actors, folder, peersDir))];
  } finally {
    await projector.stop();
    await central.stop();
    folder.remove();
  }
}

async function measureScenes({ intervals, ...stage }: Stage, { turns, group, nobody }: Films): Promise<Figure[]> {
  const { folder, identity, projector, cameraUrl, profileDir } = stage;
  projector.play(turns);
  // Compiles the networks and fetches the gallery.
  const agent = MeasuredAgent.start(folder.path, identity, cameraUrl, profileDir);
  try {
    await eventually(
      'somebody is let in',
      () => agent.decisions.some(({ decision }) => decision === 'granted'),
      90_000,
    );
    projector.play(turns);
    const oneFace = await agent.figures(intervals);
    const names = countRightNames(projector.showings(), agent.decisions);
    console.error(`one-face: ${names.right} of ${names.presences} people told rightly, ${names.wrong} wrongly`);
    for (const missed of names.missed) console.error(`one-face: missed ${missed}`);
    projector.play(group);
    const fiveFaces = await agent.figures(intervals);
    projector.play(nobody);
    const empty = await agent.figures(intervals);
    return [
      atLeast('edge.one-face.frames', least(oneFace, 'framesPerSecond'), 'frames/s', 30),
      atMost('edge.one-face.decision-p50', most(oneFace, 'decisionP50Ms'), 'ms', Number.POSITIVE_INFINITY),
      atMost('edge.one-face.decision-p95', most(oneFace, 'decisionP95Ms'), 'ms', 100),
      atLeast('edge.one-face.right-names', (100 * names.right) / names.presences, '% of people', 0),
      atMost('edge.one-face.wrong-names', names.wrong, 'people', 0),
      atMost('edge.one-face.event-loop-p99', most(oneFace, 'eventLoopP99Ms'), 'ms', 20),
      atLeast('edge.five-faces.frames', least(fiveFaces, 'framesPerSecond'), 'frames/s', 15),
      atMost('edge.five-faces.event-loop-p99', most(fiveFaces, 'eventLoopP99Ms'), 'ms', 20),
      atMost('edge.empty.cpu', 100 * most(empty, 'cpuShare'), '% of a core', 10),
      atMost('edge.empty.event-loop-p99', most(empty, 'eventLoopP99Ms'), 'ms', 20),
    ];
  } finally {
    await agent.stop();
  }
}

/** From the start of the process to a decision about somebody who stands there, networks and gallery on disk. */
async function measureStart({ folder, identity, projector, cameraUrl }: Stage, film: Film): Promise<Figure> {
  projector.play(film);
  const times: number[] = [];
  for (let i = 0; i < starts; i++) {
    const agent = MeasuredAgent.start(folder.path, identity, cameraUrl);
    try {
      times.push(await agent.firstDecisionMs());
    } finally {
      await agent.stop();
    }
  }
  return atMost('edge.start', times.sort((a, b) => a - b)[starts >> 1] ?? Number.NaN, 'ms', 3_000);
}

/** The part of a film that shows the first whom the door knows well. */
function filmOfOne(film: Film, actors: readonly Actor[]): Film {
  const [, , actor] = actors;
  return { ...film, frames: film.frames.filter((frame) => actor && frame.actors.includes(actor)) };
}

/** Our rate and right names on the same film as the peers'. */
function besidePeers(figures: readonly Figure[], peers: readonly PeerRun[]): Figure[] {
  const ours = (id: string) => figures.find((figure) => figure.id === id)?.value ?? Number.NaN;
  return peers.flatMap(({ name, framesPerSecond, rightNames }) => {
    const theirs = { name: `${name}, frames/s`, value: Number(framesPerSecond.toPrecision(4)) };
    const named = { name, value: Number((100 * rightNames).toPrecision(4)) };
    return [
      {
        ...atLeast(`edge.one-face.than-${name}`, ours('edge.one-face.frames') / framesPerSecond, '× the frames/s', 1),
        peer: theirs,
      },
      {
        ...atLeast(`edge.one-face.names-than-${name}`, ours('edge.one-face.right-names'), '% of people', 0),
        peer: named,
      },
    ];
  });
}

/** A broker, and central's side of the protocol for one device that knows half of the actors. */
class EdgeCentral {
  private readonly folder: TemporaryFolder;
  private readonly broker = new EmbeddedTestBroker();
  private session: MqttSession | null = null;
  private events: MemoryCentral | null = null;

  constructor(folder: TemporaryFolder) {
    this.folder = folder;
  }

  /** @returns who the device is. */
  async start(actors: readonly Actor[]): Promise<AgentIdentity> {
    const keys = SigningKeys.loadOrCreate(this.folder.file('central-keys'));
    const analyzer = await createFaceAnalyzer({ cacheDir: this.folder.file('networks'), engine: 'onnx' });
    const gallery = new ScriptedGallery(siteId, 'staff', analyzer.model.id);
    try {
      for (const [{ personId, name }, values] of await encodingsOf(actors, analyzer)) {
        const encoding = { encodingId: randomUUID(), personId, modelId: analyzer.model.id, values };
        gallery.change({ op: 'upsert-person', personId, name, always: false }, { op: 'upsert-encoding', ...encoding });
      }
    } finally {
      await analyzer.dispose();
    }
    await this.broker.start();
    const { url } = this.broker;
    const session = new MqttSession({ url, clientId: 'central', username: 'central', password: 'bench' });
    const central = new ScriptedCentral({ messenger: session, keys, siteId, deviceId, now: () => Date.now() });
    this.session = session;
    this.events = new MemoryCentral({ url, keys });
    central.galleries.set('staff', gallery);
    central.start();
    session.start();
    this.events.start();
    await eventually('central is connected', () => session.connected && this.events?.connected);
    central.configure({ revision: 1, groupIds: ['staff'], door: firstDoorPolicy, schedules: [] });
    return {
      siteId,
      deviceId,
      mqtt: { url, username: 'front', password: 'bench' },
      trustedKeys: [...keys.trustedKeys()],
    };
  }

  async stop(): Promise<void> {
    await this.events?.stop();
    await this.session?.stop();
    await this.broker.crash();
  }
}

type FigureName = 'framesPerSecond' | 'decisionP50Ms' | 'decisionP95Ms' | 'eventLoopP99Ms' | 'cpuShare';

function valuesOf(intervals: readonly Telemetry[], name: FigureName): number[] {
  return intervals.map((interval) => interval[name] ?? Number.NaN);
}

function most(intervals: readonly Telemetry[], name: FigureName): number {
  return Math.max(...valuesOf(intervals, name));
}

function least(intervals: readonly Telemetry[], name: FigureName): number {
  return Math.min(...valuesOf(intervals, name));
}

function atLeast(id: string, value: number, unit: string, goal: number): Figure {
  return figureOf({ id, value, unit, goal, higherIsBetter: true });
}

function atMost(id: string, value: number, unit: string, goal: number): Figure {
  return figureOf({ id, value, unit, goal, higherIsBetter: false });
}
