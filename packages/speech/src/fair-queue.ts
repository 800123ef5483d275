/** Waiting jobs of several owners: each owner's in order, the owners in turn, so that a long text lets short ones through. */
export class FairQueue<Owner, Job> {
  readonly #jobs = new Map<Owner, Job[]>();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(owner: Owner, job: Job): void {
    const jobs = this.#jobs.get(owner);
    if (jobs === undefined) this.#jobs.set(owner, [job]);
    else jobs.push(job);
    this.#length += 1;
  }

  /** The next job of the owner whose turn it is; that owner goes to the end of the line. */
  shift(): Job | undefined {
    for (const [owner, jobs] of this.#jobs) {
      const job = jobs.shift();
      this.#jobs.delete(owner);
      if (jobs.length > 0) this.#jobs.set(owner, jobs);
      this.#length -= 1;
      return job;
    }
    return undefined;
  }

  /** Everything that waits; the queue is empty afterwards. */
  drain(): Job[] {
    const all = [...this.#jobs.values()].flat();
    this.#jobs.clear();
    this.#length = 0;
    return all;
  }
}
