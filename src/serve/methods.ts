// What a served drive can be asked over its control socket, one method each.

import { UsageError } from "../errors.ts";
import type { VirtualDrive } from "../drive/mod.ts";
import { TAPS } from "../drive/tap/names.ts";
import type { Json, JsonObject } from "../layout/mod.ts";
import type { Methods } from "./control/server.ts";
import type { Faults } from "./faults.ts";
import type { TraceHub } from "./trace_hub.ts";

/** What becomes of cached blocks when the power goes. */
const CACHED = ["lost", "partly-lost"] as const;
type Cached = typeof CACHED[number];

/** What the methods work on. */
export interface Subject {
  readonly drive: VirtualDrive;
  readonly faults: Faults;
  /** What was said when it began to serve. */
  readonly about: JsonObject;
  /** Writes the drive, as it is now, into a new drive file. */
  snapshot(path: string): JsonObject;
  /** Cuts the power; says how many cached blocks are lost. */
  powercut(cached: Cached): number;
  readonly hub: TraceHub;
}

/** The methods of one drive. */
export function methodsOf({ drive, faults, about, snapshot, powercut, hub }: Subject): Methods {
  return {
    status: () => ({ ...about, plugins: faults.list(), reports: faults.reports() }),
    inject: async ({ params }) => await faults.inject(textOf(params, "scenario")),
    rules: async ({ params }) => await faults.rules(textOf(params, "name"), params["rules"]),
    plugin: async ({ params }) =>
      await faults.plugin(textOf(params, "path"), textOf(params, "source")),
    clear: ({ params }) => ({ cleared: faults.clear(optionalText(params, "name")) }),
    plugins: () => ({ plugins: faults.list(), reports: faults.reports() }),
    taps: () => ({ taps: tapsOf(drive) }),
    powercut: ({ params }) => ({ lost_blocks: powercut(cachedOf(params)) }),
    snapshot: ({ params }) => snapshot(textOf(params, "path")),
    trace: (call) => hub.stream(call),
  };
}

/** Every tap, who is attached, and what happened there. */
function tapsOf({ taps }: VirtualDrive): Json {
  return TAPS.map(({ name, kind, when, faces }) => {
    const statistics = taps.statistics.get(name);
    return {
      name,
      kind,
      when,
      faces,
      attached: (taps.armed[name] ?? []).map(({ plugin }) => plugin),
      fired: statistics?.fired ?? 0,
      verdicts: { ...statistics?.verdicts },
    };
  });
}

function cachedOf(params: JsonObject): Cached {
  const stranger = Object.keys(params).find((name) => name !== "cached");
  if (stranger !== undefined) {
    throw new UsageError(`Cannot cut the power with ${stranger}: there is only cached`);
  }
  const wanted = optionalText(params, "cached") ?? "lost";
  const cached = CACHED.find((known) => known === wanted);
  if (cached) return cached;
  throw new UsageError(
    `Cannot cut the power with cached ${JSON.stringify(wanted)}: need one of ${CACHED.join(", ")}`,
  );
}

function optionalText(params: JsonObject, name: string): string | undefined {
  const value = params[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  throw new UsageError(`Cannot take ${name} ${JSON.stringify(value)}: need a text`);
}

function textOf(params: JsonObject, name: string): string {
  const value = optionalText(params, name);
  if (value === undefined) throw new UsageError(`Cannot do that without ${name}`);
  return value;
}
