// Firmware updates that cannot be, in fields and in order.

import { buildFirmwareImage } from "../../../src/drive/mod.ts";
import type { Bench } from "../bench.ts";
import { INVALID_FIELD, type Row, rows } from "./row.ts";

const COMMIT = "[BASE-2.1 §5.1.8, Fig. 183]";
const DOWNLOAD = "[BASE-2.1 §5.1.9, Fig. 185]";

const IMAGE = buildFirmwareImage({ revision: "2.0.0", activation: "controllerReset" });

/** Sends an image that a controller reset starts. */
export function downloadImage(bench: Bench): Promise<unknown> {
  return bench.admin(0x11, { cdw10: IMAGE.length / 4 - 1, out: IMAGE });
}

const COMMIT_ROWS = rows(
  { queue: "admin", opcode: 0x10 },
  ...[4, 5, 6, 7].map((action) => ({
    wrong: "field" as const,
    what: `Firmware Commit takes action ${action}, which is reserved or of boot partitions`,
    cite: "[BASE-2.1 §5.1.8, Fig. 181]",
    command: { cdw10: (action << 3) | 2 },
    status: INVALID_FIELD,
    at: [10, 3] as const,
  })),
  ...[0, 1].map((action) => ({
    wrong: "sequence" as const,
    what: `Firmware Commit takes action ${action} without a download`,
    cite: COMMIT,
    command: { cdw10: (action << 3) | 2 },
    status: "01h/07h",
  })),
  ...[2, 3].map((action) => ({
    wrong: "sequence" as const,
    what: `Firmware Commit takes action ${action} with an empty slot`,
    cite: COMMIT,
    command: { cdw10: (action << 3) | 5 },
    status: "01h/07h",
    at: [10, 0] as const,
  })),
  {
    wrong: "field",
    what: "Firmware Commit writes the slot that is read-only",
    cite: COMMIT,
    command: { cdw10: 1 },
    status: "01h/06h",
    at: [10, 0],
    before: async (bench) => void await downloadImage(bench),
  },
  {
    wrong: "field",
    what: "Firmware Commit names a slot beyond the last one",
    cite: COMMIT,
    on: "hostile",
    command: { cdw10: (2 << 3) | 4 },
    status: "01h/06h",
    at: [10, 0],
  },
  {
    wrong: "sequence",
    what: "Firmware Commit takes an image with a gap",
    cite: COMMIT,
    command: { cdw10: 2 },
    status: "01h/07h",
    before: async (bench) => {
      await bench.admin(0x11, { cdw10: 1023, cdw11: 2048, out: new Uint8Array(4096) });
    },
  },
  {
    wrong: "sequence",
    what: "Firmware Commit activates at once what needs a reset",
    cite: COMMIT,
    command: { cdw10: (3 << 3) | 2 },
    status: "01h/11h",
    before: async (bench) => void await downloadImage(bench),
  },
);

const DOWNLOAD_ROWS = rows(
  { queue: "admin", opcode: 0x11, command: { out: new Uint8Array(4096) } },
  {
    wrong: "field",
    what: "Firmware Image Download sends less than the granularity",
    cite: DOWNLOAD,
    command: { cdw10: 1022 },
    status: INVALID_FIELD,
    at: [10, 0],
  },
  {
    wrong: "field",
    what: "Firmware Image Download begins between the granules",
    cite: "[BASE-2.1 §5.1.9, Fig. 186]",
    command: { cdw10: 1023, cdw11: 1 },
    status: INVALID_FIELD,
    at: [11, 0],
  },
  {
    wrong: "limit",
    what: "Firmware Image Download sends more than MDTS allows",
    cite: "[BASE-2.1 §5.1.13.2.1, Fig. 312]",
    command: { cdw10: 0x3_ffff },
    status: INVALID_FIELD,
    at: [10, 0],
  },
  {
    wrong: "sequence",
    what: "Firmware Image Download sends a piece twice",
    cite: "[BASE-2.1 §5.1.9, Fig. 187]",
    command: { cdw10: 1023 },
    status: "01h/14h",
    before: async (bench) => void await downloadImage(bench),
  },
);

/** Rows about firmware. */
export const FIRMWARE_ROWS: readonly Row[] = [...COMMIT_ROWS, ...DOWNLOAD_ROWS];
