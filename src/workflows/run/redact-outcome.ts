import type { Settlement } from '../../runs/outcome.js';

/** How a run ended, without credentials: what a program printed and what an agent asks can stand in it. */
export async function withholdSettlement(
  settlement: Settlement,
  withhold: (text: string) => Promise<string>,
): Promise<Settlement> {
  switch (settlement.kind) {
    case 'pull-request':
      return settlement;
    case 'question':
      return { ...settlement, questions: await Promise.all(settlement.questions.map(withhold)) };
    case 'draft':
      return { ...settlement, because: await Promise.all(settlement.because.map(withhold)) };
    default:
      return { ...settlement, because: await withhold(settlement.because) };
  }
}
