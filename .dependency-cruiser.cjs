/**
 * The dependency rules of DESIGN.md §2 as code. `npm run boundaries` checks them and itself.
 * @type {import('dependency-cruiser').IConfiguration}
 */
module.exports = {
  forbidden: [
    {
      name: 'no-cycle',
      comment: 'A cycle loads in an order that nobody chose. Types alone may refer to each other.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      comment: 'An import that cannot be found.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'through-the-front-door',
      comment:
        'Another package is used by its name and index (link also by its entry for Nest), never by a file inside it.',
      severity: 'error',
      from: { path: '^(libs|apps)/([^/]+)/', pathNot: '\\.(spec|test)\\.ts$' },
      to: { path: '^(libs|apps)/[^/]+/src/(?!index\\.ts$)', pathNot: '^$1/$2/|^libs/link/src/nest\\.ts$' },
    },
    {
      name: 'domain-is-pure',
      comment: 'The domain does no I/O: nothing of ours, nothing of Node.',
      severity: 'error',
      from: { path: '^libs/domain/src', pathNot: '\\.spec\\.ts$' },
      to: { path: '^(libs/(?!domain/)|apps/)' },
    },
    {
      name: 'loads-in-a-browser',
      comment: 'Domain and contracts load in the dashboard: no module of Node.',
      severity: 'error',
      from: { path: '^libs/(domain|contracts)/src', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    layer('contracts', ['domain']),
    layer('config', ['domain']),
    layer('embedded', ['domain']),
    layer('link', ['domain', 'contracts']),
    layer('vision', ['domain', 'contracts']),
    layer('training', ['domain', 'contracts', 'vision']),
    {
      name: 'libs-know-no-app',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'testing-is-for-specs',
      comment: 'Fakes and simulators never reach what is installed.',
      severity: 'error',
      from: { path: '^(libs/(?!testing/)|apps/)', pathNot: '\\.(spec|test)\\.ts$' },
      to: { path: '^libs/testing/' },
    },
    {
      name: 'specs-are-not-imported',
      severity: 'error',
      from: { pathNot: '\\.(spec|test)\\.tsx?$' },
      to: { path: '\\.(spec|test)\\.tsx?$' },
    },
    {
      name: 'one-door-to-inference',
      comment: 'Only the engines know an inference runtime.',
      severity: 'error',
      from: { path: '^(libs|apps)/', pathNot: '^libs/vision/src/engines/|\\.spec\\.ts$' },
      to: { path: 'node_modules/(onnxruntime-[^/]+|@tensorflow/)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'database-in-central',
      comment: 'Postgres is central’s (and the embedded server’s own checks).',
      severity: 'error',
      from: { path: '^(libs|apps)/', pathNot: '^apps/central/|^libs/(embedded|testing)/|\\.spec\\.ts$' },
      to: { path: 'node_modules/(typeorm|pg|@nestjs/typeorm)/' },
    },
    {
      name: 'agent-installs-alone',
      comment: 'An agent’s install pulls in nothing of central’s or of the dashboard’s.',
      severity: 'error',
      from: { path: '^apps/edge-agent/src', pathNot: '\\.spec\\.ts$' },
      to: {
        path: '^(apps/(central|dashboard|cli)|libs/(embedded|testing)|node_modules/(typeorm|pg|express|@nestjs/(platform-express|swagger|typeorm)|react))/|^libs/link/src/nest\\.ts$',
      },
    },
    {
      name: 'central-knows-no-other-app',
      severity: 'error',
      from: { path: '^apps/central/' },
      to: { path: '^apps/(?!central/)' },
    },
    {
      name: 'dashboard-speaks-contracts',
      comment: 'The page shares the contracts with central, nothing else.',
      severity: 'error',
      from: { path: '^apps/dashboard/' },
      to: { path: '^(apps/(?!dashboard/)|libs/(?!contracts/|domain/))' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['development', 'import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};

/** Which of our libs a lib may import. */
function layer(name, allowed) {
  return {
    name: `${name}-rests-on-${allowed.join('-')}`,
    comment: `${name} may use ${allowed.join(' and ')} of ours, nothing else.`,
    severity: 'error',
    from: { path: `^libs/${name}/src`, pathNot: '\\.spec\\.ts$' },
    to: { path: `^(apps/|libs/(?!(${[name, ...allowed].join('|')})/))` },
  };
}
