/** Told what a listener threw, or what the promise it returned was rejected with. */
export type ListenerFault = (error: unknown, event: string) => void;

/**
 * Events with typed names and values. A listener that throws is reported and disturbs neither the other listeners nor
 * the one who emits: the stack's state must not depend on the care of those who watch it.
 */
export class Listeners<Events extends { [name in keyof Events]: unknown[] }> {
  readonly #fault: ListenerFault;
  readonly #listeners: { [Name in keyof Events]?: ((...values: Events[Name]) => unknown)[] } = {};

  constructor(fault: ListenerFault) {
    this.#fault = fault;
  }

  on<Name extends keyof Events>(name: Name, listener: (...values: Events[Name]) => unknown): void {
    // A new list, so that one that is being gone through does not change.
    this.#listeners[name] = [...(this.#listeners[name] ?? []), listener];
  }

  has(name: keyof Events): boolean {
    return this.#listeners[name] !== undefined;
  }

  emit<Name extends keyof Events>(name: Name, ...values: Events[Name]): void {
    this.emitOr(name, undefined, ...values);
  }

  /** The same; `failed` is called too when a listener throws or its promise is rejected. */
  emitOr<Name extends keyof Events>(name: Name, failed: (() => void) | undefined, ...values: Events[Name]): void {
    const report = (error: unknown) => {
      this.#fault(error, String(name));
      failed?.();
    };
    for (const listener of this.#listeners[name] ?? []) {
      try {
        const outcome = listener(...values);
        if (outcome instanceof Promise) outcome.catch(report);
      } catch (error) {
        report(error);
      }
    }
  }
}
