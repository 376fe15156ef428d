// nvmectl lba-status: which blocks of a namespace may not be readable any more.

import { command, type Context } from "../cli/command.ts";
import { bigInteger, choice, integer } from "../cli/flags.ts";
import { facts, heading, type Report, table, toned } from "../cli/report.ts";
import { logicalBlockSize } from "../controller/block_size.ts";
import type { Drive } from "../controller/drive.ts";
import { chooseNamespace } from "../controller/identify.ts";
import {
  getLbaStatus,
  lbaRange,
  type LbaStatusAction,
  type LbaStatusQuestion,
} from "../controller/lba_status.ts";
import { EXIT, interrupted } from "../errors.ts";
import { counted, exactDigits, formatBytes, formatCount, type JsonObject } from "../layout/mod.ts";
import { LBA_STATUS_ACTION } from "../spec/admin/lba_status.ts";
import { LBA_STATUS_ACTION_NAMES, type LbaStatusRange } from "../spec/lba_status.ts";

const LAST_NSID = 0xffff_fffe;

export const lbaStatus = command({
  name: "lba-status",
  group: "Look",
  summary: "Ask the drive which blocks may not be readable any more",
  description: `tracked    blocks that the drive knows of
scan       the drive looks for more, which may take long
allocated  blocks that are in use, from drives that can tell (NVM Command Set 1.1)
Without --lba and --blocks: the whole namespace. nvmectl log lba-status shows where the
drive itself suggests to look. The exit status is 1 where blocks may be lost.`,
  effect: "read",
  target: "drive",
  flags: {
    namespace: integer("The namespace; else the target's, or the only one", {
      min: 1,
      max: LAST_NSID,
    }),
    lba: bigInteger("The first block (0)", "LBA"),
    blocks: bigInteger("How many blocks; else up to the end of the namespace"),
    action: choice("What to look for (tracked)", ["tracked", "scan", "allocated"]),
  },
  formats: ["table", "json"],
  examples: [
    ["nvmectl lba-status /dev/nvme0n1", "what the drive knows to be lost"],
    ["nvmectl lba-status /dev/nvme0n1 --lba 0x1000 --blocks 256 --action scan", "look at a part"],
    ["nvmectl lba-status virtual: -o json", "the same for a machine"],
  ],
  async run(context, { flags: { namespace, lba, blocks, action = "tracked" } }) {
    const drive = await context.openDrive();
    const nsid = await chooseNamespace(drive, namespace);
    const range = await lbaRange(drive, nsid, { start: lba, blocks });
    const ranges = await look(context, drive, { nsid, action, ...range });
    return report(drive, {
      question: { nsid, action, ...range },
      ranges,
      blockBytes: await logicalBlockSize(drive, nsid),
    });
  },
});

/** Asks with a progress display; a scan of a large namespace takes long. */
async function look(
  { progress, signal }: Context,
  drive: Drive,
  question: LbaStatusQuestion,
): Promise<readonly LbaStatusRange[]> {
  using shown = progress(`LBA status of ${drive.target}`);
  try {
    return await getLbaStatus(drive, question, {
      signal,
      onProgress: (fraction) => shown.update({ fraction }),
    });
  } catch (error) {
    if (!signal.aborted) throw error;
    throw interrupted(
      signal,
      `Stopped asking for the LBA status of ${drive.target}: nothing of the drive has changed`,
      "nvmectl lba-status --lba N --blocks N asks for a part of it",
    );
  }
}

interface Result {
  readonly question: LbaStatusQuestion;
  readonly ranges: readonly LbaStatusRange[];
  readonly blockBytes: number;
}

function report(drive: Drive, { question, ranges, blockBytes }: Result): Report {
  const { nsid, action, start, blocks } = question;
  const suspect = ranges.reduce((sum, range) => sum + BigInt(range.blocks), 0n);
  const lost = ranges.some(({ unrecovered, writtenUncorrectable }) =>
    unrecovered || writtenUncorrectable
  );
  const size = formatBytes(suspect * BigInt(blockBytes));
  return {
    exit: lost ? EXIT.bad : EXIT.ok,
    json: {
      device: drive.target,
      nsid,
      action: actionJson(action),
      start: Number(start),
      ...exactDigits("start", start),
      blocks: Number(blocks),
      ...exactDigits("blocks", blocks),
      block_bytes: blockBytes,
      found_blocks: Number(suspect),
      ...exactDigits("found_blocks", suspect),
      ranges: ranges.map(rangeJson),
    },
    blocks: [
      heading(`${drive.target}  namespace ${nsid}: ${LBA_STATUS_ACTION_NAMES[code(action)]}`),
      table(
        [">First block", ">Blocks", "Status"],
        ranges.map((range) => [
          formatCount(range.start),
          formatCount(range.blocks),
          lost ? toned(statusText(range), "warning") : statusText(range),
        ]),
        "none",
      ),
      facts([
        ["Looked at", `${counted(blocks, "block")} from ${formatCount(start)} on`],
        ["Found", suspect === 0n ? "none" : `${counted(suspect, "block")} (${size})`],
      ]),
    ],
  };
}

function code(action: LbaStatusAction): keyof typeof LBA_STATUS_ACTION_NAMES {
  return LBA_STATUS_ACTION[action];
}

function actionJson(action: LbaStatusAction): JsonObject {
  return { value: code(action), text: LBA_STATUS_ACTION_NAMES[code(action)] };
}

function statusText({ unrecovered, writtenUncorrectable }: LbaStatusRange): string {
  const words = [
    unrecovered ? "reading may fail" : "",
    writtenUncorrectable ? "written by Write Uncorrectable" : "",
  ].filter((word) => word !== "");
  return words.length === 0 ? "allocated" : words.join(", ");
}

function rangeJson(range: LbaStatusRange): JsonObject {
  return {
    start: Number(range.start),
    ...exactDigits("start", range.start),
    blocks: range.blocks,
    unrecovered: range.unrecovered,
    written_uncorrectable: range.writtenUncorrectable,
    text: statusText(range),
  };
}
