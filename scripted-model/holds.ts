/** The turns that a test has delayed. The delay of a turn ends when its promise `released` resolves. */
export class Holds {
  private readonly all: { turn: number; when: string; reached: () => void; released: Promise<void> }[] = [];

  add(turn: number, when: string): { reached: Promise<void>; release(): void } {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const reached = new Promise<void>((resolve) => {
      this.all.push({ turn, when, reached: resolve, released });
    });
    return { reached, release };
  }

  /** Waits until the test ends the newest delay of this turn. Returns at once if the turn has no delay. */
  async wait(turn: number, text: string): Promise<void> {
    const held = this.all.findLast((one) => one.turn === turn && text.includes(one.when));
    held?.reached();
    await held?.released;
  }
}
