import { buildDashboard, compile, compileBenches, install, linkPostgres } from './prepare.mjs';
import { foreground, StepFailed } from './processes.mjs';
import { inRoot } from './root.mjs';

const cli = inRoot('apps/cli/dist/main.js');

/**
 * What each root script of package.json does once everything is installed and built.
 * @type {Record<string, { dashboard: boolean, run: (args: string[]) => Promise<number> }>}
 */
const tasks = {
  start: { dashboard: true, run: (args) => foreground([cli, 'up', ...args], { tethered: true }) },
  latchkey: { dashboard: false, run: (args) => foreground([cli, ...args], { cwd: callersFolder() }) },
  migrate: { dashboard: false, run: (args) => foreground([cli, 'migrate', ...args]) },
  bench: {
    dashboard: false,
    run: async (args) => {
      await compileBenches();
      return foreground([inRoot('bench/dist/main.js'), ...args]);
    },
  },
  soak: {
    dashboard: false,
    run: async (args) => {
      await compileBenches();
      return foreground([inRoot('bench/dist/soak.js'), ...args]);
    },
  },
  build: { dashboard: true, run: async () => 0 },
  docs: { dashboard: false, run: (args) => foreground([inRoot('scripts/docs.mjs'), ...args]) },
  test: { dashboard: true, run: (args) => foreground([...jest, ...workers(args), ...args]) },
};

/** Where the user stood when calling npm, so that file names mean what they mean there. */
function callersFolder() {
  return process.env.INIT_CWD ?? process.cwd();
}

/** Jest with modules; that Node calls them experimental is known and need not stand above every result. */
const jest = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  inRoot('node_modules/jest/bin/jest.js'),
];

/**
 * Two workers: tests start servers and load models, and machines of two cores and 4 GB shall pass them.
 * @param {string[]} args
 */
function workers(args) {
  return args.some((arg) => /^(-i|--runInBand|-w|--maxWorkers)/.test(arg)) ? [] : ['--maxWorkers=2'];
}

/**
 * Prepares the repository and runs one task; the process ends with the task's exit code.
 * @param {string[]} argv
 */
export async function main([name = '', ...args]) {
  const task = tasks[name];
  if (!task) {
    console.error(`There is no task "${name}"; there are ${Object.keys(tasks).join(', ')}.`);
    process.exit(2);
  }
  try {
    await install();
    await linkPostgres();
    await compile();
    // `latchkey up` serves the page as well, however it was started.
    if (task.dashboard || args[0] === 'up') await buildDashboard();
    process.exitCode = await task.run(args);
  } catch (error) {
    if (!(error instanceof StepFailed)) console.error(error);
    process.exitCode = error instanceof StepFailed ? 3 : 4;
  }
}
