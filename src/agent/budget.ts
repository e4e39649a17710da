import type { Spend } from '../runs/work.js';

/** Limits of one run. They still apply after a crash, because spending is counted from stored replies. */
export interface Budget {
  turns: number;
  /** Limit of tokens of all kinds, including the tokens that the API reads from its cache. */
  tokens: number;
  /** Cost limit. Null if the operator allows a model without a known price. */
  dollars: number | null;
  /** Limit of the time that the model's replies and the tool calls take. */
  minutes: number;
  /** If the agent makes progress at a limit, all limits grow once by this share, such as 0.25. */
  extension: number;
}

/** How much of one limit is used. */
interface Use {
  limit: keyof typeof phrases;
  used: number;
  of: number;
}

const phrases = {
  turns: (amount: number) => `${amount} turn${amount === 1 ? '' : 's'}`,
  tokens: (amount: number) => `${Math.round(amount).toLocaleString('en')} tokens`,
  dollars: (amount: number) => `$${Number(amount.toFixed(2))}`,
  minutes: (amount: number) => `${Math.round(amount)} minutes`,
};

/** From this share of a limit on, the agent gets a warning that it should plan the rest of its work. */
const planFrom = 0.7;
/** From this share of a limit on, or with this number of turns left, the agent should submit. */
const submitFrom = 0.9;
const submitTurns = 3;
/** The agent makes progress if its files changed within this number of turns. */
const progressTurns = 5;

/**
 * Watches the budget of a run. Everything that it decides follows from the stored replies and actions, so it
 * decides the same when a run continues after a crash.
 */
export class BudgetWatch {
  private budget: Budget;
  private extended = false;
  /** The strongest warning that the agent got for each limit. */
  private readonly warned = new Map<string, 'plan' | 'submit'>();
  /** The agent's checkpoints, one for each turn. */
  private readonly checkpoints: (string | null)[] = [];

  constructor(budget: Budget) {
    this.budget = budget;
  }

  /**
   * Extends the budget if a limit was reached for the first time and the agent makes progress.
   * @param checkpoint the commit of the agent's files after this turn
   * @returns `reached` describes the limit that ends the work, or is null. `warnings` are sentences for the
   * agent.
   */
  afterTurn(
    spend: Spend,
    workedMs: number,
    checkpoint: string | null,
  ): { reached: string | null; warnings: string[] } {
    this.checkpoints.push(checkpoint);
    const isReached = ({ used, of }: Use) => used >= of;
    let uses = measure(spend, workedMs, this.budget);
    const warnings: string[] = [];
    if (uses.some(isReached) && this.canExtend()) {
      this.extend();
      uses = measure(spend, workedMs, this.budget);
      warnings.push('You reached a limit of your budget. It was extended once, because you made progress.');
    }
    const { dollars } = this.budget;
    if (dollars !== null && spend.dollars === null) {
      const reached = `the price of its model is no longer known, so its limit of ${phrases.dollars(dollars)} cannot hold`;
      return { reached, warnings: [] };
    }
    const over = uses.find(isReached);
    if (over) {
      const note = this.extended ? ' after one extension' : '';
      return { reached: `its limit of ${phrases[over.limit](over.of)} was reached${note}`, warnings: [] };
    }
    return { reached: null, warnings: [...warnings, ...uses.flatMap((use) => this.warn(use))] };
  }

  private canExtend(): boolean {
    const recent = this.checkpoints.slice(-progressTurns - 1);
    return this.budget.extension > 0 && !this.extended && new Set(recent).size > 1;
  }

  private extend(): void {
    const { turns, tokens, dollars, minutes, extension } = this.budget;
    const more = 1 + extension;
    this.budget = {
      turns: Math.ceil(turns * more),
      tokens: Math.round(tokens * more),
      dollars: dollars === null ? null : dollars * more,
      minutes: minutes * more,
      extension,
    };
    this.extended = true;
    this.warned.clear();
  }

  private warn({ limit, used, of }: Use): string[] {
    const share = used / of;
    const isNearEnd = share >= submitFrom || (limit === 'turns' && of - used <= submitTurns);
    if (!isNearEnd && share < planFrom) return [];
    const level = isNearEnd ? 'submit' : 'plan';
    const before = this.warned.get(limit);
    if (before === level || before === 'submit') return [];
    this.warned.set(limit, level);
    const advice = isNearEnd
      ? 'Get the work ready for review now and call submit.'
      : 'Plan the rest of the work so that it fits.';
    return [`You have used ${phrases[limit](used)} of your budget of ${phrases[limit](of)}. ${advice}`];
  }
}

function measure(spend: Spend, workedMs: number, budget: Budget): Use[] {
  const tokens = spend.inputTokens + spend.cacheWriteTokens + spend.cacheReadTokens + spend.outputTokens;
  return [
    { limit: 'turns', used: spend.turns, of: budget.turns },
    { limit: 'tokens', used: tokens, of: budget.tokens },
    ...(spend.dollars === null || budget.dollars === null
      ? []
      : [{ limit: 'dollars' as const, used: spend.dollars, of: budget.dollars }]),
    { limit: 'minutes', used: workedMs / 60_000, of: budget.minutes },
  ];
}
