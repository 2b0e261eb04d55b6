// What is left to swipe, as a value that only this device knows: the server's deck less what was
// voted here and is still on its way.

export class Deck {
  #left; #skipped = new Set(); #last = null;

  /** `queued` are votes of this device that the server may not have. */
  constructor(titles, queued = []) {
    const said = new Map(queued.filter((one) => one.kind === "vote").map((one) =>
      [one.title_id, one.choice]));
    this.size = titles.length;
    this.mine = new Map();
    const fresh = [], again = [];
    for (const title of titles) {
      const before = title.mine ?? null, now = said.get(title.id) ?? null;
      if (now && (now !== "skip" || before)) this.mine.set(title.id, now);
      else if (before && (before !== "skip" || title.is_final)) this.mine.set(title.id, before);
      else (before || now ? again : fresh).push(title);
      if (before === "skip" || now === "skip") this.#skipped.add(title.id);
    }
    this.#left = [...fresh, ...again];
    this.titles = titles;
  }

  get voted() {
    return this.size - this.#left.length;
  }

  get isDone() {
    return this.#left.length === 0;
  }

  get canUndo() {
    return this.#last !== null;
  }

  /** The next few, the first on top. */
  next(count) {
    return this.#left.slice(0, count);
  }

  /** The title that was on top. One that is skipped for the first time comes back at the end. */
  decide(choice) {
    const title = this.#left.shift();
    const isPutOff = choice === "skip" && !this.#skipped.has(title.id);
    if (isPutOff) {
      this.#skipped.add(title.id);
      this.#left.push(title);
    } else this.mine.set(title.id, choice);
    this.#last = { title, choice, isPutOff };
    return title;
  }

  /** The last one is on top again: only one, as the server has it. */
  undo() {
    const { title, choice, isPutOff } = this.#last;
    if (isPutOff) {
      this.#left.splice(this.#left.lastIndexOf(title), 1);
      this.#skipped.delete(title.id);
    } else this.mine.delete(title.id);
    this.#left.unshift(title);
    this.#last = null;
    return { title, choice };
  }

  /** What was liked here, for who waits. */
  liked() {
    return this.titles.filter((one) => ["like", "super"].includes(this.mine.get(one.id)));
  }
}
