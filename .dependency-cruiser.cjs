/** One way only: contracts ◀ kernel ◀ domain ◀ other packages ◀ projections ◀ services. See docs/architecture.md. */
const only = (library, owner) => ({
  name: `only ${owner} imports ${library}`,
  severity: 'error',
  from: { path: '^(contracts|packages|projections|services)/', pathNot: `^${owner}` },
  to: { path: `^node_modules/${library}/` },
});

module.exports = {
  forbidden: [
    { name: 'no cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no orphans',
      severity: 'error',
      from: { orphan: true, pathNot: ['\\.d\\.ts$', '^tests/', '\\.config\\.ts$'] },
      to: {},
    },
    { name: 'everything resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'contracts import typebox only',
      severity: 'error',
      from: { path: '^contracts/' },
      to: { pathNot: ['^contracts/', '^node_modules/typebox/'] },
    },
    {
      name: 'kernel knows contracts only',
      severity: 'error',
      from: { path: '^packages/kernel/' },
      to: { path: ['^(projections|services|tests)/', '^packages/(?!kernel/)'] },
    },
    {
      name: 'domain is pure',
      severity: 'error',
      from: { path: '^packages/domain/' },
      to: { pathNot: ['^contracts/', '^packages/(kernel|domain)/', '^node_modules/typebox/'] },
    },
    {
      name: 'packages know no projection and no service',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^(projections|services|tests)/' },
    },
    {
      name: 'projections know no service',
      severity: 'error',
      from: { path: '^projections/' },
      to: { path: '^(services|tests)/' },
    },
    {
      name: 'nothing that ships imports tests',
      severity: 'error',
      from: { path: '^(contracts|packages|projections|services)/' },
      to: { path: '^tests/' },
    },
    {
      name: 'services meet in the desk only',
      severity: 'error',
      from: { path: '^services/([^/]+)/', pathNot: '^services/desk/' },
      to: { path: '^services/([^/]+)/', pathNot: '^services/$1/' },
    },
    only('(imapflow|mailparser|nodemailer|smtp-server|sanitize-html|html-to-text)', 'packages/mail/'),
    only('(fastify|@fastify)', '(packages/http|services/[^/]+)/'),
    only('(@eventstore|@grpc|google-protobuf)', 'packages/event-store/eventstoredb/'),
    only('pino', 'packages/'),
    only('nats', 'packages/message-bus/nats/'),
    only('kysely', '(packages/read-db|services/query-api|services/[^/]+)/'),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.js', '.json'],
    },
  },
};
