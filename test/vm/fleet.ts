import { Machine } from './machine';
import type { Kernel } from './suites';

/** The VMs of all suites. They boot in the order in which they are added, so many at a time as are allowed. */
export class Fleet {
  private readonly machines = new Map<string, Machine>();
  private readonly waiting: Machine[] = [];
  private allowed = 0;
  private running = 0;

  add(kernel: Kernel, suite: string): void {
    const machine = new Machine(kernel, suite);
    this.machines.set(`${kernel} ${suite}`, machine);
    this.waiting.push(machine);
  }

  machineOf(kernel: Kernel, suite: string): Machine {
    const machine = this.machines.get(`${kernel} ${suite}`);
    if (machine === undefined) throw new Error(`there is no VM for the suite ${suite} on ${kernel}`);
    return machine;
  }

  /** From now on so many run at the same time. */
  allow(count: number): void {
    this.allowed = count;
    this.bootNext();
  }

  /** Turns all of them off; those that have not booted never do. */
  async stop(): Promise<void> {
    this.allowed = 0;
    for (const machine of this.machines.values()) await machine.stop();
  }

  private bootNext(): void {
    while (this.running < this.allowed) {
      const machine = this.waiting.shift();
      if (machine === undefined) return;
      this.running++;
      machine.boot();
      void machine.ended.then(() => {
        this.running--;
        this.bootNext();
      });
    }
  }
}
