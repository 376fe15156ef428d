// How far something long has come: a bar on a terminal, one line per step elsewhere.

import type { Clock, Progress } from "./command.ts";
import { formatDuration } from "../layout/mod.ts";
import { escapeHostile } from "./render.ts";
import type { Output } from "./streams.ts";

const BAR_WIDTH = 30;
/** A shorter bar shows nothing. */
const BAR_MIN = 5;
const STEP = 0.1;

/** A progress display on `output`; silent until the first update. */
export function progressOn(output: Output, clock: Clock, title: string): Progress {
  return output.isTerminal ? new Bar(output, clock, title) : new Lines(output, title);
}

type State = Parameters<Progress["update"]>[0];

/** `Short self-test  [#####.....]  50 %, about 1 min left, segment 3`. */
class Bar implements Progress {
  #drawn = false;
  readonly #start: number;

  constructor(
    private readonly output: Output,
    private readonly clock: Clock,
    private readonly title: string,
  ) {
    this.#start = clock.now();
  }

  update(state: State): void {
    const room = (this.output.columns ?? 80) - 1;
    const told = describe(state);
    // What is said matters more than the bar, which takes what room is left.
    const left = room - this.title.length - told.length - "  [] ".length;
    const line = `${this.title}  ${this.#bar(state.fraction, left)}${told}`;
    this.output.write(`\r\x1b[K${escapeHostile(line).slice(0, room)}`);
    this.#drawn = true;
  }

  #bar(fraction: number | undefined, room: number): string {
    if (fraction === undefined) {
      return `running for ${formatDuration(this.clock.now() - this.#start)}`;
    }
    const width = Math.min(BAR_WIDTH, room);
    if (width < BAR_MIN) return "";
    const full = Math.round(clamped(fraction) * width);
    return `[${"#".repeat(full)}${".".repeat(width - full)}] `;
  }

  [Symbol.dispose](): void {
    if (this.#drawn) this.output.write("\r\x1b[K");
  }
}

/** One line whenever the text changes or another tenth is done. */
class Lines implements Progress {
  #last: string | undefined;

  constructor(private readonly output: Output, private readonly title: string) {}

  update(state: State): void {
    const { fraction } = state;
    const step = fraction === undefined ? "" : Math.floor(clamped(fraction) / STEP + 1e-9);
    const key = `${step} ${state.text ?? ""}`;
    if (key === this.#last) return;
    this.#last = key;
    const told = describe(state).replace(/^, /, "");
    // The name of a virtual drive ends with a colon of its own.
    const colon = this.title.endsWith(":") ? "" : ":";
    this.output.write(`${this.title}${told === "" ? "" : `${colon} ${told}`}\n`);
  }

  [Symbol.dispose](): void {}
}

function describe({ fraction, remainingMs, text }: State): string {
  const parts: string[] = [];
  if (fraction !== undefined) parts.push(`${Math.floor(clamped(fraction) * 100 + 1e-9)} %`);
  if (remainingMs !== undefined) parts.push(`about ${formatDuration(remainingMs)} left`);
  if (text !== undefined) parts.push(text);
  const told = parts.join(", ");
  return fraction === undefined && told !== "" ? `, ${told}` : told;
}

/** Drives have been seen to count past the end. */
function clamped(fraction: number): number {
  return Math.min(1, Math.max(0, fraction));
}
