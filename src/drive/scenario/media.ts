// Faults of the media: blocks that come back wrong, go to the wrong place, or only half.

import type { Plugin, PluginTaps } from "../plugin/plugin.ts";
import type { MediaTap, Verdict } from "../tap/verdict.ts";
import type { TapName } from "../tap/names.ts";
import { type Bounds, bounds, Gate, MOST, number, scenario } from "./scenario.ts";

/** Where a fault of the media is. */
const WHERE = {
  nsid: number("Namespace; 0 for any", { initial: 0, max: MOST.nsid }),
  lba: number("First block that can be struck", { initial: 0, max: MOST.lba }),
  blocks: number("How many blocks; 0 for all from there on", { initial: 0, max: MOST.lba }),
};

interface Where {
  readonly nsid: number;
  readonly lba: number;
  readonly blocks: number;
}

/** The part of an access that lies where the fault is, as offsets in blocks. */
function overlap(
  { nsid, lba, count }: MediaTap,
  where: Where,
): { readonly from: number; readonly to: number } | undefined {
  if (where.nsid !== 0 && where.nsid !== nsid) return undefined;
  const end = where.blocks === 0 ? Infinity : where.lba + where.blocks;
  const from = Math.max(lba, where.lba) - lba;
  const to = Math.min(lba + count, end) - lba;
  return from < to ? { from, to } : undefined;
}

/** A plug-in that strikes accesses of one kind, within bounds. */
function striking(
  tap: TapName,
  values: Bounds & Where,
  verdict: (
    context: MediaTap,
    part: { readonly from: number; readonly to: number },
    taps: PluginTaps,
  ) => Verdict,
): Plugin {
  return {
    setup(taps) {
      const gate = new Gate(taps, values);
      taps.attach(tap, (context) => {
        const part = context.kind === "media" ? overlap(context, values) : undefined;
        if (context.kind !== "media" || !part || !gate.strikes()) return undefined;
        return verdict(context, part, taps);
      });
    },
  };
}

export const bitFlip = scenario({
  name: "bit-flip",
  summary: "One bit of what is read is wrong, at random",
  effect: "nothing: the data is wrong, and only a checksum notices",
  parameters: { ...bounds({ count: 1 }), ...WHERE },
  create: (values) =>
    striking("nvme:media:read", values, ({ data, blockBytes }, { from, to }, taps) => {
      if (!data) return undefined;
      const wrong = data.slice();
      const bits = (to - from) * blockBytes * 8;
      const bit = from * blockBytes * 8 + Math.floor(taps.random() * bits);
      wrong[bit >> 3] = (wrong[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return { kind: "mutate", data: wrong };
    }),
});

/** Old contents that are kept, in blocks. */
const KEPT_BLOCKS = 65_536;

export const staleRead = scenario({
  name: "stale-read",
  summary: "Reads give what was there when the fault began, whatever was written since",
  effect: "nothing: new data is missing, and only a checksum notices",
  parameters: { ...bounds({ count: 0 }), ...WHERE },
  create: (values, drive) => ({
    setup(taps) {
      const gate = new Gate(taps, values);
      const old = new Map<string, Uint8Array>();
      taps.attach("nvme:media:write", (context) => {
        if (context.kind !== "media") return;
        const part = overlap(context, values);
        const namespace = drive.store.find(context.nsid);
        for (let at = part?.from ?? 0; namespace && at < (part?.to ?? 0); at++) {
          const lba = context.lba + at;
          const key = `${context.nsid}:${lba}`;
          if (old.has(key) || old.size >= KEPT_BLOCKS) continue;
          old.set(key, namespace.media.read(lba, 1).data.slice());
        }
      });
      taps.attach("nvme:media:read", (context) => {
        if (context.kind !== "media" || !context.data) return undefined;
        const { nsid, lba, count, blockBytes, data } = context;
        const stale = Array.from({ length: count }, (_, at) => old.get(`${nsid}:${lba + at}`));
        if (stale.every((block) => block === undefined) || !gate.strikes()) return undefined;
        const mixed = data.slice();
        stale.forEach((block, at) => block && mixed.set(block, at * blockBytes));
        return { kind: "mutate", data: mixed };
      });
    },
  }),
});

export const misdirectedWrite = scenario({
  name: "misdirected-write",
  summary: "A write goes to other blocks than it says",
  effect: "nothing: two places are wrong, and only checksums notice",
  parameters: {
    ...bounds({ count: 1 }),
    ...WHERE,
    offset: number("How many blocks behind the right place", {
      initial: 8,
      min: 1,
      max: MOST.lba,
    }),
  },
  create: (values) =>
    striking("nvme:media:write", values, ({ lba }) => ({
      kind: "mutate",
      lba: lba + values.offset,
    })),
});

export const tornWrite = scenario({
  name: "torn-write",
  summary: "Only the first part of a write is stored",
  effect: "nothing: the rest of the write is missing, and only a checksum notices",
  parameters: {
    ...bounds({ count: 1 }),
    ...WHERE,
    percent: number("How much of it is stored", { initial: 50, max: 99 }),
  },
  create: (values) =>
    striking("nvme:media:write", values, ({ count }) => ({
      kind: "mutate",
      count: Math.floor((count * values.percent) / 100),
    })),
});

export const lostFlush = scenario({
  name: "lost-flush",
  summary: "Flush succeeds and writes nothing: a power cut loses what was thought safe",
  effect: "nothing, until nvmectl drive powercut: then journals and databases are tested",
  parameters: bounds({ count: 0 }),
  create: (values) => ({
    setup(taps) {
      const gate = new Gate(taps, values);
      taps.attach("nvme:media:flush", () => gate.strikes() ? { kind: "drop" } : undefined);
    },
  }),
});
