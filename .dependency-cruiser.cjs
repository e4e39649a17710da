/** The rules of the house: only flows/ composes the steps; a step folder imports another for its types only. */
const steps = ['intake', 'workspace', 'agent', 'checks', 'pull-request', 'review'];

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    ...steps.map((step) => ({
      name: `${step}-imports-other-steps-as-types-only`,
      severity: 'error',
      from: { path: `^src/${step}/` },
      to: {
        path: `^src/(${steps.filter((other) => other !== step).join('|')}|engine|flows|web)/`,
        dependencyTypesNot: ['type-only'],
      },
    })),
    {
      name: 'foundations-import-no-step',
      comment: 'task/, runs/ and github/ are what the steps stand on',
      severity: 'error',
      from: { path: '^src/(task|runs|github)/' },
      to: { path: `^src/(${steps.join('|')}|engine|flows|web)/`, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'product-does-not-import-tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|demo|bench|scripts)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    parser: 'swc',
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js'] },
  },
};
