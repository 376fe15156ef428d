// nvmectl read --skip-errors: the output and the map on their way, from the last time on.

import type { Context, WritableFile } from "../cli/command.ts";
import type { Report } from "../cli/report.ts";
import type { Drive } from "../controller/drive.ts";
import type { ReadRange } from "../controller/read_range.ts";
import {
  formatRescueMap,
  parseRescueMap,
  type RescueIdentity,
  rescueIdentity,
  type RescueStage,
} from "../controller/rescue_file.ts";
import { RescueMap } from "../controller/rescue_map.ts";
import { rescue } from "../controller/rescue.ts";
import { interrupted, NvmectlError, UsageError } from "../errors.ts";
import { counted, formatCount } from "../layout/mod.ts";
import { mapPath, progressTitle, type ReadFlags, sinkOf } from "./read.ts";
import { readReport } from "./read_report.ts";

/** How much work a power cut may cost. */
const CHECKPOINT_MS = 10_000;

/** The least that is kept free for the map; a full disk is no reason to lose what was read. */
const LEAST_RESERVE_BYTES = 65_536;

/** What is rescued, and to where. */
export interface RescueTask {
  readonly drive: Drive;
  readonly range: ReadRange;
  readonly flags: ReadFlags;
  readonly out: string;
}

/** Reads what can be read, and goes on from a map that is there. */
export async function readRescue(context: Context, task: RescueTask): Promise<Report> {
  const { drive, range, flags } = task;
  const { signal, clock } = context;
  await using state = await Rescue.open(context, task);
  using progress = context.progress(progressTitle(range));
  let finished: boolean;
  try {
    finished = await rescue(drive, range, {
      map: state.map,
      last: state.last,
      sink: sinkOf(range, state),
      signal,
      clock,
      checkpoint: (stage) => state.checkpoint(stage),
      onProgress(state, { pieceBlocks }) {
        if (state.remainingMs === undefined) return;
        const near = pieceBlocks < range.chunkBlocks;
        progress.update(near ? { ...state, text: nearErrors(pieceBlocks) } : state);
      },
    });
  } catch (error) {
    context.notice(await state.saveLast());
    throw error;
  }
  await state.save(finished ? { state: "+", at: range.blocks } : undefined);
  const blocksRead = state.map.count("+");
  if (!finished) {
    const left = range.blocks - blocksRead - state.map.count("-");
    throw interrupted(
      signal,
      `Interrupted: ${formatCount(blocksRead)} of ${formatCount(range.blocks)} blocks were read, ` +
        `${formatCount(left)} are left`,
      `the same command goes on from ${state.path}`,
    );
  }
  return readReport({
    drive,
    range,
    flags,
    blocksRead,
    map: state.path,
    lost: state.map.of("-"),
  });
}

function nearErrors(pieceBlocks: number): string {
  return `around errors, ${formatCount(pieceBlocks)} block${
    pieceBlocks === 1 ? "" : "s"
  } at a time`;
}

/** The files of a rescue. */
class Rescue implements AsyncDisposable {
  #stage: RescueStage = { state: "?", at: 0 };
  #savedAt: number;
  /** Blocks that the map on the storage says were read. */
  #savedBlocks: number;
  /** What is kept free for the map. */
  #reserve: { readonly room: Disposable; readonly bytes: number } | undefined;

  private constructor(
    private readonly context: Context,
    private readonly identity: RescueIdentity,
    readonly path: string,
    readonly map: RescueMap,
    readonly data: WritableFile,
    readonly metadata: WritableFile | undefined,
    /** Where the last time ended. */
    readonly last: RescueStage | undefined,
  ) {
    this.#savedBlocks = map.count("+");
    this.#savedAt = context.clock.now();
  }

  /**
   * Opens what is there from the last time, or begins.
   *
   * @throws UsageError for files that do not belong to each other, or to this drive and range
   */
  static async open(context: Context, { drive, range, flags, out }: RescueTask): Promise<Rescue> {
    const { files } = context;
    const { metadataOut } = flags;
    const { blocks, shape: { blockBytes, metadataBytes } } = range;
    const path = mapPath(flags);
    const identity = await rescueIdentity(drive, range, metadataOut !== undefined);
    const outputs = [
      { output: out, length: blocks * blockBytes },
      ...(metadataOut === undefined
        ? []
        : [{ output: metadataOut, length: blocks * metadataBytes }]),
    ];
    const known = await knownMap(files, path, identity);
    for (const { output, length } of outputs) {
      checkOutput(await files.size(output), { output, length, map: known?.map, path });
    }
    await files.probe(path);
    const map = known?.map ?? RescueMap.untried(blocks);
    await using stack = new AsyncDisposableStack();
    const opened: WritableFile[] = [];
    for (const { output } of outputs) {
      opened.push(stack.use(await files.patch(output)));
    }
    const [data, metadata] = opened;
    if (data === undefined) throw new UsageError("Cannot rescue blocks: need --out FILE");
    const rescue = new Rescue(context, identity, path, map, data, metadata, known?.stage);
    // While the outputs are empty yet: with anything in them they would be refused without it.
    await rescue.save();
    // Blocks that are never read are zero.
    for (const [at, { length }] of outputs.entries()) await opened[at]?.resize(length);
    stack.move();
    return rescue;
  }

  /** Saves now and then. */
  async checkpoint(stage: RescueStage): Promise<void> {
    this.#stage = stage;
    if (this.context.clock.now() - this.#savedAt >= CHECKPOINT_MS) await this.save();
  }

  /** Writes the map. What it says was read is on the storage before. */
  async save(stage: RescueStage = this.#stage): Promise<void> {
    await this.data.sync();
    await this.metadata?.sync();
    const text = formatRescueMap(this.map, this.identity, stage);
    // Staged, because that too is on the storage before it takes the place of the last one.
    const bytes = new TextEncoder().encode(text);
    await using file = await this.context.files.stage(this.path);
    await file.writeAt(0, bytes);
    await file.commit();
    this.#savedAt = this.context.clock.now();
    this.#savedBlocks = this.map.count("+");
    await this.#keepFree(2 * bytes.length);
  }

  /** Saves the map after something went wrong, and says what came of it: that is told besides. */
  async saveLast(): Promise<string> {
    this.#reserve?.room[Symbol.dispose]();
    this.#reserve = undefined;
    try {
      await this.save();
      return `what was read is kept: the same command goes on from ${this.path}`;
    } catch (error) {
      if (!(error instanceof NvmectlError)) throw error;
      const again = counted(this.map.count("+") - this.#savedBlocks, "block");
      return `the map could not be brought up to date (${error.message}): the same command goes ` +
        `on from ${this.path} as it was saved before, and reads ${again} again`;
    }
  }

  /** Where there is no room for it the map is saved as it can be. */
  async #keepFree(bytes: number): Promise<void> {
    if (this.#reserve !== undefined && this.#reserve.bytes >= bytes) return;
    this.#reserve?.room[Symbol.dispose]();
    this.#reserve = undefined;
    const wanted = Math.max(LEAST_RESERVE_BYTES, 2 * bytes);
    try {
      const room = await this.context.files.reserve(this.path, wanted);
      this.#reserve = { room, bytes: wanted };
    } catch (error) {
      if (!(error instanceof NvmectlError)) throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#reserve?.room[Symbol.dispose]();
    await this.data[Symbol.asyncDispose]();
    await this.metadata?.[Symbol.asyncDispose]();
  }
}

/** The map of the last time, if there is one. */
async function knownMap(
  files: Context["files"],
  path: string,
  identity: RescueIdentity,
): Promise<ReturnType<typeof parseRescueMap> | undefined> {
  const size = await files.size(path);
  if (size === undefined) return undefined;
  // A pipe has no size, and might never have anything to read either.
  const bytes = size === 0 ? new Uint8Array(0) : await files.read(path);
  return parseRescueMap(new TextDecoder().decode(bytes), identity, path);
}

/** Refuses an output that is not the one that the map tells of. */
function checkOutput(
  size: number | undefined,
  { output, length, map, path }: {
    readonly output: string;
    readonly length: number;
    readonly map: RescueMap | undefined;
    readonly path: string;
  },
): void {
  // An empty file is as good as none: nothing is lost with it.
  if (size === undefined || size === 0) {
    if ((map?.count("+") ?? 0) === 0) return;
    throw new UsageError(
      `Cannot go on from the map ${path}: what it says was read should be in ${output}, which ` +
        (size === 0 ? "is empty" : "is not there"),
      { next: "remove the map to begin again" },
    );
  }
  const next = "name another file, or remove it to begin again";
  if (map === undefined) {
    throw new UsageError(
      `Cannot write ${output}: it exists, and there is no map ${path} that says what is in it`,
      { next },
    );
  }
  if (size === length) return;
  throw new UsageError(
    `Cannot write ${output}: it has ${formatCount(size)} bytes, and its map is of ` +
      formatCount(length),
    { next },
  );
}
