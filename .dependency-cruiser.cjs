/**
 * The rules of the house: only flows/ composes the steps; a step folder imports another for its types only. What is
 * looked at is the build, in which no import of types is left.
 */
const steps = ['intake', 'workspace', 'agent', 'checks', 'pull-request', 'review'];

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...steps.map((step) => ({
      name: `${step}-imports-other-steps-as-types-only`,
      severity: 'error',
      from: { path: `^dist/${step}/` },
      to: {
        path: `^dist/(${steps.filter((other) => other !== step).join('|')}|engine|flows|web)/`,
      },
    })),
    {
      name: 'foundations-import-no-step',
      comment: 'task/, runs/ and github/ are what the steps stand on',
      severity: 'error',
      from: { path: '^dist/(task|runs|github)/' },
      to: { path: `^dist/(${steps.join('|')}|engine|flows|web)/` },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
  },
};
