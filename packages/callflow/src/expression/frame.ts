/** A piece of an expression, compiled: reads the frame, gives a value. */
export type Code = (frame: Frame) => unknown;

/** An arrow function of the expression, or a global function given as one (`.map(Number)`). Never a value of its own. */
export type Callback = (...values: unknown[]) => unknown;

/** What an expression reads from outside. Values are JSON values or undefined. */
export interface ExpressionScope {
  /** Value of a variable; `name` comes without the leading `$`. Undefined when there is none. */
  lookup(name: string): unknown;
  /** The time of `new Date()` and `Date.now()`, epoch milliseconds. */
  nowMs: number;
  /** `Math.random()`: at least 0, less than 1. */
  random(): number;
  /** IANA name of the zone in which the local methods of Date work (`getHours`, `new Date(y, m, d)`); UTC unless given. */
  timeZone?: string;
}

export interface ExpressionLimits {
  /** Work of callbacks and of methods that walk arrays, objects and long strings. */
  maxSteps: number;
  /** UTF-16 units of any string made. */
  maxStringLength: number;
  /** Elements of any array made. */
  maxArrayLength: number;
}

export const DEFAULT_EXPRESSION_LIMITS: ExpressionLimits = {
  maxSteps: 100_000,
  maxStringLength: 65_536,
  maxArrayLength: 10_000,
};

/** A fault of the running expression, in words for the author of the flow. */
export class EvaluationError extends Error {
  override name = 'EvaluationError';
}

/** One run of an expression: its scope, the values of arrow parameters, and what may still be spent. */
export class Frame {
  readonly scope: ExpressionScope;
  readonly limits: ExpressionLimits;
  /** Every arrow parameter has a slot of its own: arrows are not values, so none runs inside itself. */
  readonly locals: unknown[] = [];
  private stepsLeft: number;

  constructor(scope: ExpressionScope, limits: ExpressionLimits) {
    this.scope = scope;
    this.limits = limits;
    this.stepsLeft = limits.maxSteps;
  }

  charge(steps: number): void {
    this.stepsLeft -= steps;
    if (this.stepsLeft < 0) {
      throw new EvaluationError(
        `the expression needs more than ${this.limits.maxSteps} steps; use smaller arrays or texts`,
      );
    }
  }

  /** For methods whose work grows with a text. */
  chargeText(text: string): void {
    this.charge(1 + (text.length >> 5));
  }

  /** For searches: engines look for long texts in more than linear time, backwards in quadratic. */
  chargeSearch(text: string, sought: string, isBackward = false): void {
    this.chargeText(text);
    this.charge(Math.floor((text.length * sought.length) / (isBackward ? 32 : 4096)));
  }

  allowLength(length: number): void {
    if (length > this.limits.maxStringLength) {
      throw new EvaluationError(`the text would be longer than ${this.limits.maxStringLength} characters`);
    }
  }

  /** A text that was made: of allowed length, and charged, or a callback could fill the memory with them. */
  text(value: string): string {
    this.allowLength(value.length);
    this.charge(value.length >> 5);
    return value;
  }

  array(value: unknown[]): unknown[] {
    if (value.length > this.limits.maxArrayLength) {
      throw new EvaluationError(`the array would have more than ${this.limits.maxArrayLength} elements`);
    }
    return value;
  }
}
