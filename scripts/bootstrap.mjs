// Entry of `npm start`, `npm test` and the other root scripts: `node scripts/bootstrap.mjs TASK …args`.
// Install scripts are off (.npmrc), and with them npm's own `prestart` and `pretest`, so what they would do is done here.
// This file must still be understood by old versions of Node, so that it can say what is wrong.

const required = [20, 11];
const version = process.versions.node.split('.').map(Number);

if (version[0] < required[0] || (version[0] === required[0] && version[1] < required[1])) {
  console.error(
    'Latchkey needs Node ' +
      required.join('.') +
      ' or newer, this is ' +
      process.version +
      ' (' +
      process.execPath +
      ').\n' +
      'Install a current version from nodejs.org, or with nvm: nvm install 22',
  );
  process.exit(3);
} else {
  import('./bootstrap/tasks.mjs').then(
    (tasks) => tasks.main(process.argv.slice(2)),
    (error) => {
      console.error(error);
      process.exit(4);
    },
  );
}
