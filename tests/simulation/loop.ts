/**
 * The world's time. Nothing runs but what lies in here, one thing after the other, so that a seed decides all.
 *
 * Tasks (IndexedDB's steps) take no time and keep their order; timers come when the tasks are done.
 */

type Work = () => void;

export interface Timer {
  at: number;
  order: number;
  work: Work | null;
}

// Runs what promises have waiting, as Node does between two of its own tasks.
const settlePromises = (process as unknown as { _tickCallback: () => void })._tickCallback;

export class Loop {
  private tasks: Work[] = [];
  private done = 0;
  private timers: Timer[] = [];
  private order = 0;
  private steps = 0;
  private armed: { after: number; work: Work }[] = [];

  constructor(
    /** True time, milliseconds. Nobody in the world sees it: they have clocks. */
    public now: number,
    private readonly most = 3_000_000,
  ) {}

  /** Run as the next task but those that wait already. */
  post(work: Work): void {
    this.tasks.push(work);
  }

  /** Run after so many milliseconds. */
  after(wait: number, work: Work): Timer {
    const timer = { at: this.now + Math.max(0, wait), order: this.order++, work };
    this.timers.push(timer);
    let child = this.timers.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.sooner(child, parent)) break;
      this.swap(child, parent);
      child = parent;
    }
    return timer;
  }

  cancel(timer: Timer): void {
    timer.work = null;
  }

  /** Run between two tasks, when so many of them have passed; at the latest before the next timer. */
  afterTasks(count: number, work: Work): void {
    this.armed.push({ after: this.steps + count, work });
  }

  /** Go on until `enough` says so, or nothing is left to do. */
  run(enough: () => boolean): void {
    while (!enough()) {
      const work = this.next();
      if (!work) return;
      work();
      settlePromises();
      if (++this.steps > this.most) throw new Error(`no end after ${this.most} steps`);
    }
  }

  private next(): Work | null {
    const armed = this.armed.findIndex(({ after }) => after <= this.steps);
    if (armed >= 0) return this.armed.splice(armed, 1)[0]!.work;
    if (this.done < this.tasks.length) return this.nextTask();
    if (this.armed.length) return this.armed.shift()!.work;
    for (let timer = this.take(); timer; timer = this.take()) {
      if (!timer.work) continue;
      this.now = Math.max(this.now, timer.at);
      return timer.work;
    }
    return null;
  }

  private nextTask(): Work {
    const work = this.tasks[this.done++]!;
    if (this.done > 1000) {
      this.tasks = this.tasks.slice(this.done);
      this.done = 0;
    }
    return work;
  }

  private take(): Timer | undefined {
    const first = this.timers[0];
    const last = this.timers.pop();
    if (!first || !last || first === last) return first;
    this.timers[0] = last;
    for (let parent = 0; ; ) {
      const left = 2 * parent + 1;
      if (left >= this.timers.length) return first;
      const child = left + 1 < this.timers.length && this.sooner(left + 1, left) ? left + 1 : left;
      if (!this.sooner(child, parent)) return first;
      this.swap(child, parent);
      parent = child;
    }
  }

  private sooner(a: number, b: number): boolean {
    const [one, other] = [this.timers[a]!, this.timers[b]!];
    return one.at < other.at || (one.at === other.at && one.order < other.order);
  }

  private swap(a: number, b: number): void {
    [this.timers[a], this.timers[b]] = [this.timers[b]!, this.timers[a]!];
  }
}
