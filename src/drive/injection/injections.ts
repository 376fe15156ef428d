// The errors that hosts have injected by the Error Injection feature: each entry that is enabled is
// a plug-in at work, whose name begins with `ocp:`. The entries are in the drive's memory, where
// the feature finds them; here they are kept in step with the plug-ins.

import {
  ERROR_INJECTION,
  ErrorInjectionEntry,
  INJECTION_NAMES,
} from "../../spec/vendor/ocp_error_injection.ts";
import { nameOf } from "../../layout/mod.ts";
import type { VirtualDrive } from "../drive.ts";
import {
  decodeInjections,
  type HostInjections,
  INJECTIONS_KEY,
} from "../feature/error_injection.ts";
import { type Effect, LONGEST_MS } from "./effect.ts";
import { EFFECTS } from "./effects.ts";
import { observed } from "./observed.ts";

/** An entry that is a plug-in. */
interface Armed {
  readonly name: string;
  /** Which entry it is. */
  readonly at: number;
}

/** First byte of an entry, and its bit that says that the entry is enabled. */
const ENABLE = 0x01;

/**
 * An entry of a single instance is disabled when it strikes for the first time; one whose plug-in
 * is taken out is disabled too, whoever took it out.
 */
export class ErrorInjections implements HostInjections {
  readonly #drive: VirtualDrive;
  /** Those of the list that the host set last. */
  #armed = new Set<Armed>();

  constructor(drive: VirtualDrive) {
    this.#drive = drive;
  }

  can(type: number): boolean {
    const effect = EFFECTS[type];
    return effect !== undefined && (this.#drive.timed || !effect.timed);
  }

  replace(entries: Uint8Array): void {
    this.clear();
    this.#drive.state.featureData[INJECTIONS_KEY] = entries.toHex();
    for (const [at, entry] of decodeInjections(entries).entries()) {
      const effect = EFFECTS[entry.type];
      if (entry.flags.enable && effect) this.#arm(at, entry, effect);
    }
  }

  clear(): void {
    const before = [...this.#armed];
    this.#armed = new Set();
    for (const { name } of before) this.#drive.plugins.unload(name);
    delete this.#drive.state.featureData[INJECTIONS_KEY];
  }

  #arm(at: number, entry: ErrorInjectionEntry, effect: Effect): void {
    const { plugins, timed, state } = this.#drive;
    const armed: Armed = { name: this.#freeName(entry.type), at };
    const end = (): boolean => plugins.unload(armed.name);
    const strike = (): void => {
      if (!entry.flags.single) return;
      this.#disable(armed);
      if (!effect.lasts) end();
    };
    this.#armed.add(armed);
    const plugin = observed(effect.create({ drive: this.#drive, entry, strike }), {
      onStrike: strike,
      onEnd: () => {
        this.#disable(armed);
        this.#armed.delete(armed);
      },
      ...(timed ? { bound: { ms: LONGEST_MS, end } } : {}),
    });
    plugins.loadAtOnce(plugin, {
      name: armed.name,
      seed: (state.random ^ at) >>> 0,
      about: aboutOf(entry),
    });
  }

  /** Notes in the drive's memory that an entry is not enabled any more, if it is still there. */
  #disable(armed: Armed): void {
    const { featureData } = this.#drive.state;
    const digits = featureData[INJECTIONS_KEY];
    if (!this.#armed.has(armed) || digits === undefined) return;
    const entries = Uint8Array.fromHex(digits);
    const flags = ErrorInjectionEntry.size * armed.at;
    entries[flags] = (entries[flags] ?? 0) & ~ENABLE;
    featureData[INJECTIONS_KEY] = entries.toHex();
  }

  /** `ocp:nand-hang`, or with a number where that is taken. */
  #freeName(type: number): string {
    const taken = new Set(this.#drive.plugins.loaded.map(({ name }) => name));
    const name = `ocp:${slug(nameOf(INJECTION_NAMES, type))}`;
    if (!taken.has(name)) return name;
    for (let at = 2;; at++) if (!taken.has(`${name}#${at}`)) return `${name}#${at}`;
  }
}

function aboutOf(
  { type, flags, nrtdp, latency }: ErrorInjectionEntry,
): Readonly<Record<string, string | number | boolean>> {
  return {
    kind: "injection",
    feature: ERROR_INJECTION,
    type,
    single: flags.single,
    ...(nrtdp > 0 ? { reads: nrtdp } : {}),
    ...(latency > 0 ? { latency_us: latency } : {}),
  };
}

function slug(text: string): string {
  return text.toLowerCase().replaceAll("i/o", "io").replace(/[^a-z0-9]+/g, "-");
}
