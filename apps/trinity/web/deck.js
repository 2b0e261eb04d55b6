// What is left to swipe, as a value that only this device knows: the server's deck less what was
// voted here and is still on its way.

export class Deck {
  #left; #skipped = new Set(); #last = null;

  /** `queued` is what this device has said and the server may not have heard. */
  constructor(titles, queued = []) {
    this.size = titles.length;
    this.titles = titles;
    this.mine = new Map();
    const fresh = [], again = [];
    for (const title of titles) {
      const { choice, isFinal } = standing(title, queued.filter((one) => one.title_id === title.id));
      if (isFinal) this.mine.set(title.id, choice);
      else (choice ? again : fresh).push(title);
      if (choice === "skip") this.#skipped.add(title.id);
    }
    this.#left = [...fresh, ...again];
  }

  get voted() {
    return this.size - this.#left.length;
  }

  get isDone() {
    return this.#left.length === 0;
  }

  /** The title that was decided last, as long as that can be undone. */
  get last() {
    return this.#last?.title.id ?? null;
  }

  /** The next few, the first on top. */
  next(count) {
    return this.#left.slice(0, count);
  }

  /** The title that was on top, and whether it was there `again`. One that is skipped for the first
   * time comes back at the end. */
  decide(choice) {
    const title = this.#left.shift();
    const again = this.#skipped.has(title.id);
    const isPutOff = choice === "skip" && !again;
    if (isPutOff) {
      this.#skipped.add(title.id);
      this.#left.push(title);
    } else this.mine.set(title.id, choice);
    this.#last = { title, choice, isPutOff };
    return { title, again };
  }

  /** The last one is on top again: only one, as the server has it. */
  undo() {
    const { title, choice, isPutOff } = this.#last;
    if (isPutOff) this.#left.splice(this.#left.lastIndexOf(title), 1);
    else this.mine.delete(title.id);
    this.#skipped.delete(title.id); // the server forgets all that was said of it
    this.#left.unshift(title);
    this.#last = null;
    return { title, choice };
  }

  /** Of what is counted, how many. */
  spent(choice) {
    return [...this.mine.values()].filter((one) => one === choice).length;
  }

  /** What was refused cannot be undone: that would undo the one before. */
  refused(id) {
    if (this.last === id) this.#last = null;
  }

  /** What was liked here, for who waits. */
  liked() {
    return this.titles.filter((one) => ["like", "super"].includes(this.mine.get(one.id)));
  }
}

/** What was said of a title, as it will be when all is heard: a first skip only puts it off. */
function standing(title, queued) {
  const before = { choice: title.mine, isFinal: title.mine !== null && title.is_final };
  return queued.reduce(({ choice, isFinal }, next) => next.kind === "undo" ? { choice: null, isFinal: false }
    : { choice: next.choice, isFinal: next.choice !== "skip" || isFinal || (choice !== null && next.again) }, before);
}
