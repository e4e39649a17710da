/** A part of the evidence. Readers see its title, and open it to see the rest. */
export interface Section {
  /** Our own words and numbers. GitHub does not render Markdown in it. */
  title: string;
  /** Whether it contains what a reviewer must see. Such a section comes first, and is open. */
  isBad: boolean;
  /** In Markdown. */
  body: string;
}
