// The faults of a served drive: scenarios, rules and plug-in files, under names, all of them
// plug-ins to the drive.

import type { VirtualDrive } from "../drive/mod.ts";
import type { Plugin } from "../drive/plugin/plugin.ts";
import { parseInjection } from "../drive/scenario/parse.ts";
import { rulesPlugin } from "../drive/scenario/rules.ts";
import { UsageError } from "../errors.ts";
import type { Json, JsonObject } from "../layout/mod.ts";
import { pluginFrom } from "./plugin/host.ts";

/** What is injected into one drive. */
export class Faults {
  readonly #drive: VirtualDrive;
  readonly #seed: number;
  #count = 0;

  /** @param seed of everything random; each fault has its own, derived from it */
  constructor(drive: VirtualDrive, seed: number) {
    this.#drive = drive;
    this.#seed = seed;
  }

  /** Begins a scenario, as it is written on the command line: `NAME[:KEY=VALUE,...]`. */
  async inject(text: string): Promise<JsonObject> {
    const { scenario, values, seed, create } = parseInjection(text);
    const own = seed ?? this.#nextSeed();
    return await this.#load(create(this.#drive), scenario.name, own, {
      kind: "scenario",
      ...values,
    });
  }

  /** Loads rules, already read as JSON. */
  async rules(name: string, rules: Json | undefined): Promise<JsonObject> {
    const plugin = rulesPlugin(rules ?? null);
    return await this.#load(plugin, name, this.#nextSeed(), { kind: "rules" });
  }

  /** Loads a plug-in file, which runs in a thread of its own, without permissions. */
  async plugin(path: string, source: string): Promise<JsonObject> {
    const plugin = await pluginFrom({ path, source });
    const name = path.slice(path.lastIndexOf("/") + 1);
    return await this.#load(plugin, name, this.#nextSeed(), { kind: "file", path });
  }

  /** Takes one out, or all of them; the names of those that went. */
  clear(name: string | undefined): readonly string[] {
    const { plugins } = this.#drive;
    if (name === undefined) {
      const names = plugins.loaded.map(({ name }) => name);
      plugins.unloadAll();
      return names;
    }
    if (plugins.unload(name)) return [name];
    const known = plugins.loaded.map(({ name }) => name).join(", ");
    throw new UsageError(`Cannot clear ${name}: there is no plug-in of that name`, {
      next: known === "" ? "none is loaded" : `there are ${known}`,
    });
  }

  /** What is at work. */
  list(): readonly JsonObject[] {
    return this.#drive.plugins.loaded.map(({ name, seed, strikes, about }) => ({
      name,
      seed,
      ...(strikes === undefined ? {} : { strikes }),
      ...about,
    }));
  }

  /** What became of those that misbehaved. */
  reports(): readonly JsonObject[] {
    return this.#drive.taps.reports.map((report) => ({ ...report }));
  }

  async #load(
    plugin: Plugin,
    wanted: string,
    seed: number,
    about: Readonly<Record<string, string | number | boolean>>,
  ): Promise<JsonObject> {
    const name = this.#freeName(wanted);
    try {
      await this.#drive.plugins.load(plugin, { name, seed, about });
    } catch (error) {
      throw new UsageError(`Cannot load ${name}: ${(error as Error).message}`, { cause: error });
    }
    return { name, seed, ...about };
  }

  /** The name itself, or with a number where it is taken. */
  #freeName(wanted: string): string {
    const taken = new Set(this.#drive.plugins.loaded.map(({ name }) => name));
    if (!taken.has(wanted)) return wanted;
    for (let at = 2;; at++) if (!taken.has(`${wanted}#${at}`)) return `${wanted}#${at}`;
  }

  #nextSeed(): number {
    return (this.#seed + this.#count++) >>> 0;
  }
}
