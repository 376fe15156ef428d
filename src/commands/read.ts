// nvmectl read: save the blocks of a namespace, all of them or those that can be read.

import { command, type Context, type StagedFile } from "../cli/command.ts";
import { bigInteger, type FlagValues, integer, text, toggle } from "../cli/flags.ts";
import type { Report } from "../cli/report.ts";
import type { Drive } from "../controller/drive.ts";
import { type BlockSink, readAll } from "../controller/read_all.ts";
import { type ReadRange, resolveRange } from "../controller/read_range.ts";
import { interrupted, OutputError, UsageError } from "../errors.ts";
import { counted, formatCount } from "../layout/mod.ts";
import { readReport } from "./read_report.ts";

const LAST_NSID = 0xfffffffe;

const FLAGS = {
  nsid: integer("The namespace; otherwise the target's own, or the only one", {
    min: 1,
    max: LAST_NSID,
  }),
  lba: bigInteger("The first block; otherwise 0"),
  blocks: bigInteger("How many blocks; otherwise all from the first one on"),
  out: text("Write the data to this file", "FILE"),
  metadataOut: text("Write the blocks' metadata to this file", "FILE"),
  skipErrors: toggle("Go on where blocks cannot be read; FILE has zeroes there"),
  map: text("The map of --skip-errors; otherwise FILE.map", "FILE"),
};

/** What was typed. */
export type ReadFlags = FlagValues<typeof FLAGS>;

export const read = command({
  name: "read",
  group: "Look",
  summary: "Save blocks to a file, also from a failing drive",
  description:
    "FILE is whole or not there: the first block that cannot be read ends it. With --skip-errors\n" +
    "FILE is written in place, and what is around an error is read in ever smaller pieces, down\n" +
    "to single blocks. The map, in the format of GNU ddrescue, says which blocks were read; the\n" +
    "same command goes on from it, also after Ctrl-C. Exit status 1: some blocks are lost. A read\n" +
    "that the drive gives no answer to is tried again in the end; after three in a row it is 4,\n" +
    "and the same command begins elsewhere.\n" +
    "FILE has the data alone: where metadata follows the data of each block (an extended LBA)\n" +
    "the two are taken apart, and --metadata-out saves the metadata of either layout. -o raw\n" +
    "writes the data to standard output in place of --out.",
  effect: "read",
  target: "drive",
  flags: FLAGS,
  formats: ["table", "json", "raw"],
  examples: [
    ["nvmectl read /dev/nvme0n1 --lba 0 --blocks 8 --out sectors.bin", "eight blocks"],
    ["nvmectl read --pci 0000:01:00.0 --nsid 1 --lba 0 --blocks 8 --out sector.bin", "by VFIO"],
    ["nvmectl read /dev/nvme0n1 --out image.bin", "all of the namespace"],
    ["nvmectl read /dev/nvme0n1 --out image.bin --skip-errors", "all that can be read of it"],
    ["nvmectl read /dev/nvme0n1 --blocks 1 -o raw | od -c", "to a pipe"],
  ],
  async run(context, { flags }) {
    checkFlags(context, flags);
    const drive = await context.openDrive();
    const range = await resolveRange(drive, flags);
    if (flags.metadataOut !== undefined && range.shape.layout === "none") {
      throw new UsageError(
        `Cannot save metadata: the blocks of namespace ${range.nsid} have none`,
        { next: "leave --metadata-out out" },
      );
    }
    if (context.dryRun) return readReport({ drive, range, flags, blocksRead: 0 });
    if (!flags.skipErrors || flags.out === undefined) {
      return await readWhole(context, { drive, range, flags });
    }
    const { readRescue } = await import("./read_rescue.ts");
    return await readRescue(context, { drive, range, flags, out: flags.out });
  },
});

function checkFlags({ format, onTerminal, files }: Context, flags: ReadFlags): void {
  const { out, metadataOut, skipErrors, map } = flags;
  if (out === undefined && format !== "raw") {
    throw new UsageError("Cannot read blocks: nothing says where they go", {
      next: "--out FILE saves them; -o raw writes them to standard output",
    });
  }
  if (format === "raw" && out !== undefined) {
    throw new UsageError("Cannot use -o raw with --out: the data goes to one of them");
  }
  if (format === "raw" && skipErrors) {
    throw new UsageError(
      "Cannot use -o raw with --skip-errors: it comes back to what it left out",
      {
        next: "need --out FILE",
      },
    );
  }
  if (format === "raw" && onTerminal) {
    throw new UsageError("Cannot write blocks to a terminal", {
      next: "--out FILE saves them; or send -o raw to a pipe or a file",
    });
  }
  if (map !== undefined && !skipErrors) {
    throw new UsageError("Cannot use --map: it is the map of --skip-errors");
  }
  const paths = [out, metadataOut, skipErrors ? mapPath(flags) : undefined]
    .flatMap((path) => path === undefined ? [] : [files.absolute(path)]);
  if (new Set(paths).size < paths.length) {
    throw new UsageError(`Cannot write two files to one place: ${paths.join(", ")}`);
  }
}

/** Where the map of a rescue is. */
export function mapPath({ map, out }: Pick<ReadFlags, "map" | "out">): string {
  return map ?? `${out}.map`;
}

/** What is read, and what was asked for. */
interface Task {
  readonly drive: Drive;
  readonly range: ReadRange;
  readonly flags: ReadFlags;
}

/** All blocks or none: files take their names at the end. */
async function readWhole(context: Context, { drive, range, flags }: Task): Promise<Report> {
  const { files, signal, clock } = context;
  await using stack = new AsyncDisposableStack();
  const stage = async (path: string | undefined): Promise<StagedFile | undefined> =>
    path === undefined ? undefined : stack.use(await files.stage(path));
  const data = await stage(flags.out);
  const metadata = await stage(flags.metadataOut);
  using progress = context.progress(progressTitle(range));
  const blocksRead = await readAll(drive, range, {
    sink: sinkOf(range, {
      data: data ?? { writeAt: (position, raw) => emitBlocks(context, range, { position, raw }) },
      metadata,
    }),
    signal,
    clock,
    onProgress: (state) => {
      if (state.remainingMs !== undefined) progress.update(state);
    },
  });
  if (blocksRead < range.blocks) {
    const left = formatCount(range.blocks - blocksRead);
    throw interrupted(
      signal,
      `Interrupted: ${formatCount(blocksRead)} of ${formatCount(range.blocks)} blocks were read, ` +
        `${left} are left` + (flags.out === undefined ? "" : `; ${flags.out} was not written`),
      `the drive has nothing left to do; ${flags.out === undefined ? "--out FILE with " : ""}` +
        "--skip-errors would keep what was read",
    );
  }
  await data?.commit();
  await metadata?.commit();
  return readReport({ drive, range, flags, blocksRead });
}

/** Writes blocks to standard output; where that fails says how many of them are there. */
async function emitBlocks(
  context: Context,
  { lba, blocks, shape: { blockBytes } }: ReadRange,
  { position, raw }: { readonly position: number; readonly raw: Uint8Array },
): Promise<void> {
  try {
    await context.emit({ json: {}, blocks: [], raw });
  } catch (error) {
    if (!(error instanceof OutputError)) throw error;
    const written = position / blockBytes;
    const why = error.cause instanceof Error ? error.cause.message : error.message;
    throw new OutputError(
      `Cannot write blocks to standard output: ${why}; ${formatCount(written)} of ` +
        `${counted(blocks, "block")} had been written, what follows them is not whole`,
      {
        cause: error,
        next: `where there is room for the rest: --lba ${lba + BigInt(written)} begins with it`,
      },
    );
  }
}

/** What the progress bar says. */
export function progressTitle({ nsid }: ReadRange): string {
  return `Read namespace ${nsid}`;
}

/** Puts blocks into files at their places. */
export function sinkOf(
  { shape: { blockBytes, metadataBytes } }: ReadRange,
  { data, metadata }: {
    readonly data: Pick<StagedFile, "writeAt">;
    readonly metadata: Pick<StagedFile, "writeAt"> | undefined;
  },
): BlockSink {
  return {
    async write(first, dataBytes, metadataPart) {
      await data.writeAt(first * blockBytes, dataBytes);
      await metadata?.writeAt(first * metadataBytes, metadataPart);
    },
  };
}
