// Faults of the link and of the registers: digests, capsules, states that a controller is stuck in.

import { PDU_TYPE } from "../../tcp/pdu.ts";
import type { Plugin } from "../plugin/plugin.ts";
import type { RegisterTap, Verdict } from "../tap/verdict.ts";
import { type Bounds, bounds, Gate, number, scenario } from "./scenario.ts";

/** Offset of Controller Status [BASE-2.1 §3.1.4.6], and its fields. */
const CSTS = 0x1c;
const RDY = 0x1n;
const CFS = 0x2n;
const SHST = 0xcn;
const SHUTDOWN_OCCURRING = 0x4n;
const ALL_ONES = 0xffffffffn;

/** A digest of what the drive sends is wrong. */
function corrupting(values: Bounds, corrupt: "header-digest" | "data-digest"): Plugin {
  return {
    setup(taps) {
      const gate = new Gate(taps, values);
      const tap = corrupt === "header-digest" ? "tcp:rsp:writeback" : "tcp:c2h:writeback";
      taps.attach(tap, (context) => {
        // Connect and the first commands of a queue are left alone: a host must get that far.
        if (context.kind !== "pdu" || context.qid <= 0) return undefined;
        return gate.strikes() ? { kind: "mutate", corrupt } : undefined;
      });
    },
  };
}

export const headerDigest = scenario({
  name: "header-digest",
  summary: "The header digest of a response is wrong",
  effect: "with --hdr-digest: header digest error, error recovery, reconnect",
  parameters: bounds({ count: 1 }),
  create: (values) => corrupting(values, "header-digest"),
});

export const dataDigest = scenario({
  name: "data-digest",
  summary: "The data digest of data for the host is wrong",
  effect: "with --data-digest: data digest error, the command fails and is retried",
  parameters: bounds({ count: 1 }),
  create: (values) => corrupting(values, "data-digest"),
});

export const truncatedPdu = scenario({
  name: "lost-pdu",
  summary: "Data for the host is lost on the way, its completion is not",
  effect: "as short-data, with nothing at all of the data",
  parameters: bounds({ count: 1 }),
  create: (values) => ({
    setup(taps) {
      const gate = new Gate(taps, values);
      taps.attach("tcp:c2h:writeback", (context) => {
        if (context.kind !== "pdu" || context.type !== PDU_TYPE.c2hData) return undefined;
        return context.qid > 0 && gate.strikes() ? { kind: "drop" } : undefined;
      });
    },
  }),
});

/** A plug-in that changes what the host reads in Controller Status. */
function statusReads(values: Bounds, change: (value: bigint) => bigint): Plugin {
  return {
    setup(taps) {
      const gate = new Gate(taps, values);
      taps.attach("nvme:regread:writeback", (context): Verdict => {
        if (!isStatusRead(context) || context.kind !== "register" || !gate.strikes()) {
          return undefined;
        }
        return { kind: "mutate", value: change(context.value) };
      });
    },
  };
}

function isStatusRead(context: { readonly kind: string } | RegisterTap): boolean {
  return context.kind === "register" && "offset" in context && context.offset === CSTS;
}

export const neverReady = scenario({
  name: "never-ready",
  summary: "The controller is enabled and never gets ready",
  effect: "Device not ready; aborting initialisation",
  parameters: bounds({ count: 0 }),
  create: (values) => statusReads(values, (value) => value & ~RDY),
});

export const fatalStatus = scenario({
  name: "fatal-status",
  summary: "Controller Fatal Status is set",
  effect: "on PCIe a reset; on fabrics only nvme get-property -O 0x1c shows it",
  parameters: bounds({ count: 0 }),
  create: (values) => statusReads(values, (value) => value | CFS),
});

export const shutdownStuck = scenario({
  name: "shutdown-stuck",
  summary: "A shutdown begins and never ends",
  effect: "Device shutdown incomplete; abort shutdown",
  parameters: bounds({ count: 0 }),
  create: (values) =>
    statusReads(
      values,
      (value) => (value & SHST) === 0n ? value : (value & ~SHST) | SHUTDOWN_OCCURRING,
    ),
});

export const allOnes = scenario({
  name: "all-ones",
  summary: "The controller's status reads as all ones, as if it had been pulled out",
  effect: "connecting fails: No such device",
  parameters: bounds({ count: 0 }),
  create: (values) => statusReads(values, () => ALL_ONES),
});

export const slowReady = scenario({
  name: "slow-ready",
  summary: "The controller needs some looks at its status until it is ready",
  effect: "the connection takes longer",
  parameters: {
    ...bounds({ count: 0 }),
    looks: number("How many looks it takes", { initial: 20, min: 1, max: 100_000 }),
  },
  create: (values) => {
    let looks = 0;
    return statusReads(values, (value) => {
      if ((value & RDY) === 0n) looks = 0;
      else if (++looks <= values.looks) return value & ~RDY;
      return value;
    });
  },
});
