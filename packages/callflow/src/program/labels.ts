import type { Instruction } from './program.ts';

/**
 * A region of the program that only falls or jumps within itself or outwards: the main list, or a nested list run as
 * a frame of its own (a COLLECT's prompt). Nobody can jump into one from outside.
 */
interface Region {
  parent: Region | null;
}

interface ListScope {
  parent: ListScope | null;
  region: Region;
  labels: Map<string, number>;
}

interface PendingGoto {
  instruction: Instruction;
  label: string;
  scope: ListScope;
  setTarget(target: number): void;
}

/**
 * Collects the labels of each list while compiling and resolves the GOTOs at the end: innermost list first, then
 * outwards; a label that stands only in some other nested list of a region the GOTO may enter is found last.
 */
export class LabelTable {
  #scope: ListScope;
  readonly #scopes: ListScope[];
  readonly #gotos: PendingGoto[] = [];

  constructor() {
    this.#scope = { parent: null, region: { parent: null }, labels: new Map() };
    this.#scopes = [this.#scope];
  }

  enterList(isRegion: boolean): void {
    const parent = this.#scope;
    const region = isRegion ? { parent: parent.region } : parent.region;
    this.#scope = { parent, region, labels: new Map() };
    this.#scopes.push(this.#scope);
  }

  leaveList(): void {
    if (this.#scope.parent !== null) this.#scope = this.#scope.parent;
  }

  /** Returns false when the list has this label already; the first one stays. */
  define(label: string, target: number): boolean {
    if (this.#scope.labels.has(label)) return false;
    this.#scope.labels.set(label, target);
    return true;
  }

  addGoto(instruction: Instruction, label: string, setTarget: (target: number) => void): void {
    this.#gotos.push({ instruction, label, scope: this.#scope, setTarget });
  }

  /** Resolves every GOTO and calls `onMissing` for those whose label exists nowhere they may go. */
  resolve(onMissing: (instruction: Instruction, label: string, known: string[]) => void): void {
    const anywhere = this.#firstByLabel();
    for (const pending of this.#gotos) {
      const target = lookOutwards(pending) ?? lookElsewhere(pending, anywhere);
      if (target === undefined) onMissing(pending.instruction, pending.label, [...anywhere.keys()]);
      else pending.setTarget(target);
    }
  }

  #firstByLabel(): Map<string, { region: Region; target: number }[]> {
    const found = new Map<string, { region: Region; target: number }[]>();
    for (const scope of this.#scopes) {
      for (const [label, target] of scope.labels) {
        const places = found.get(label) ?? [];
        // One place per region is enough, and keeps documents full of equal labels from costing their square.
        if (!places.some((place) => place.region === scope.region) && places.length < 16) {
          places.push({ region: scope.region, target });
        }
        found.set(label, places);
      }
    }
    return found;
  }
}

function lookOutwards(pending: PendingGoto): number | undefined {
  for (let scope: ListScope | null = pending.scope; scope !== null; scope = scope.parent) {
    const target = scope.labels.get(pending.label);
    if (target !== undefined) return target;
  }
  return undefined;
}

function lookElsewhere(
  pending: PendingGoto,
  anywhere: Map<string, { region: Region; target: number }[]>,
): number | undefined {
  const places = anywhere.get(pending.label) ?? [];
  return places.find((place) => isWithin(pending.scope.region, place.region))?.target;
}

function isWithin(region: Region, outer: Region): boolean {
  for (let at: Region | null = region; at !== null; at = at.parent) if (at === outer) return true;
  return false;
}
