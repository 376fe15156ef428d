// Firmware: what is in the slots, downloading an image in pieces, committing it.

import {
  interrupted,
  StatusError,
  UnreachableError,
  UnsupportedError,
  UsageError,
} from "../errors.ts";
import { formatCount } from "../layout/mod.ts";
import { FirmwareCommitDword, FirmwareCommitResult } from "../spec/admin/firmware.ts";
import type { IdentifyController } from "../spec/identify/identify_controller.ts";
import { FirmwareLog } from "../spec/log/firmware.ts";
import { COMMAND_SPECIFIC } from "../spec/status/command_specific.ts";
import { decodeStatus } from "../spec/status/status.ts";
import type { Drive } from "./drive.ts";
import { identifyController } from "./identify.ts";
import { readLogBytes } from "./log.ts";
import { afterOverlap, withNextStep } from "./next_step.ts";
import { transferLimit } from "./transfer_limit.ts";

const FIRMWARE_COMMIT = 0x10;
const FIRMWARE_DOWNLOAD = 0x11;
const FIRMWARE_LID = 0x03;
const SLOTS_MAX = 7;
/** FWUG counts in units of this many bytes [BASE-2.1 §5.1.13.2.1, Fig. 312]. */
const GRANULE_BYTES = 4096;
const NO_RESTRICTION = 0xff;
const DWORD = 4;
/** Smaller pieces than a page gain nothing: every drive takes one. */
const LEAST_CHUNK_BYTES = 4096;
/** Writing an image into its slot takes drives up to a minute or so; the kernel allows 60 s. */
const COMMIT_TIMEOUT_MS = 300_000;
/** An image is read whole into memory before anything is sent. */
const IMAGE_MAX_BYTES = 2 ** 30;

/** A firmware slot. */
export interface Slot {
  /** 1 to 7. */
  readonly slot: number;
  /** Empty for a slot without firmware. */
  readonly revision: string;
  /** The controller runs from it. */
  readonly active: boolean;
  /** The controller will run from it after the next Controller Level Reset. */
  readonly next: boolean;
  readonly readOnly: boolean;
}

/** What a drive says of its firmware and of changing it. */
export interface Firmware {
  /** What runs now. */
  readonly revision: string;
  /** As many as FRMW says, at most 7. */
  readonly slots: readonly Slot[];
  /** Whether an image can be started without a reset. */
  readonly activatesWithoutReset: boolean;
  readonly detectsOverlap: boolean;
  /**
   * What pieces of a download are multiples of, in bytes; 4 where there is no restriction,
   * undefined where the drive does not say.
   */
  readonly granularity: number | undefined;
  /** The longest that commands stand still while firmware is started, in ms, where known. */
  readonly activationMs: number | undefined;
}

/**
 * The firmware slots, and the rules of updating: FRMW, FWUG, MTFA and log page 03h.
 *
 * @throws StatusError where the drive has no Firmware Slot Information log
 *
 * @example
 * ```ts
 * import { open, readFirmware } from "nvmectl";
 *
 * await using drive = await open("virtual:");
 * const { revision, slots } = await readFirmware(drive);
 * console.log(revision, slots.find(({ active }) => active)?.slot);
 * ```
 */
export async function readFirmware(drive: Drive): Promise<Firmware> {
  const controller = await identifyController(drive);
  const bytes = await readLogBytes(
    drive,
    { lid: FIRMWARE_LID, length: FirmwareLog.size },
    `read the firmware slots of ${drive.target}`,
  );
  return describeFirmware(controller, FirmwareLog.decode(bytes));
}

/** The same from structures that were read before. */
export function describeFirmware(
  { fr, frmw, fwug, mtfa }: Pick<IdentifyController, "fr" | "frmw" | "fwug" | "mtfa">,
  { activeFirmware: { slot: active, nextSlot }, revisions }: FirmwareLog,
): Firmware {
  const count = Math.min(SLOTS_MAX, Math.max(1, frmw.nofs));
  return {
    revision: fr,
    slots: revisions.slice(0, count).map((revision, at) => ({
      slot: at + 1,
      revision,
      active: active === at + 1,
      next: nextSlot === at + 1,
      readOnly: at === 0 && frmw.ffsro,
    })),
    activatesWithoutReset: frmw.fawr,
    detectsOverlap: frmw.smud,
    granularity: fwug === NO_RESTRICTION ? DWORD : fwug === 0 ? undefined : fwug * GRANULE_BYTES,
    activationMs: mtfa === 0 ? undefined : mtfa * 100,
  };
}

/** How an image is downloaded. */
export interface DownloadOptions {
  /** Where in the image to begin, in bytes: where a download that failed had come to. */
  readonly offset?: number | undefined;
  /** Bytes of a piece; the largest that the drive takes when left out. */
  readonly chunk?: number | undefined;
  /** Fires between two pieces. */
  readonly signal?: AbortSignal;
  /** Told after every piece how many bytes of the image the drive has. */
  readonly progress?: (bytes: number) => void;
}

/** The pieces of a download. */
export interface DownloadPlan {
  /** Bytes. */
  readonly offset: number;
  readonly chunk: number;
  readonly pieces: number;
}

/**
 * How an image of so many bytes would be downloaded: in the largest pieces that MDTS and FWUG
 * allow.
 *
 * @throws UsageError for an image or options that the drive cannot take
 */
export function planDownload(
  controller: Pick<IdentifyController, "mdts" | "fwug" | "oacs">,
  bytes: number,
  { offset = 0, chunk }: Pick<DownloadOptions, "offset" | "chunk"> = {},
): DownloadPlan {
  if (!controller.oacs.fwds) {
    throw new UnsupportedError("Cannot download firmware: the drive takes none (OACS bit 2)");
  }
  checkImage(bytes);
  const granule = granuleOf(controller.fwug);
  const step = chunk === undefined ? granule : DWORD;
  if (offset % step !== 0 || offset >= bytes) {
    throw new UsageError(
      `Cannot begin at byte ${offset}: need a multiple of ${step} below ${bytes}`,
    );
  }
  const piece = chunk ?? pieceBytes(controller, granule);
  if (chunk === undefined && bytes % granule !== 0) {
    throw new UsageError(
      `Cannot download the image: its ${formatCount(bytes)} bytes are not a multiple of ` +
        `${granule}, which this drive asks for (FWUG)`,
      { next: "check that it is the bare image; --chunk BYTES sends it all the same" },
    );
  }
  if (chunk !== undefined && (chunk % DWORD !== 0 || chunk > transferLimit(controller))) {
    throw new UsageError(
      `Cannot use pieces of ${chunk} bytes: need a multiple of ${DWORD}, at most ` +
        `${transferLimit(controller)} (MDTS)`,
    );
  }
  return { offset, chunk: piece, pieces: Math.ceil((bytes - offset) / piece) };
}

function checkImage(bytes: number): void {
  if (bytes === 0) throw new UsageError("Cannot download the image: the file is empty");
  if (bytes > IMAGE_MAX_BYTES) {
    throw new UsageError(
      `Cannot download the image: ${formatCount(bytes)} bytes, need at most ` +
        formatCount(IMAGE_MAX_BYTES),
      { next: "no firmware is that large: check the file" },
    );
  }
  if (bytes % DWORD === 0) return;
  throw new UsageError(
    `Cannot download the image: its ${formatCount(bytes)} bytes are not whole dwords of ${DWORD}`,
    { next: "it is cut short, or is no bare image (an archive, an installer)" },
  );
}

function granuleOf(fwug: number): number {
  return fwug === 0 || fwug === NO_RESTRICTION ? DWORD : fwug * GRANULE_BYTES;
}

/** Whole granules, as many as fit; one where not even that does: the drive contradicts itself. */
function pieceBytes(controller: Pick<IdentifyController, "mdts">, granule: number): number {
  const limit = transferLimit(controller);
  return Math.max(1, Math.floor(limit / granule)) * granule;
}

/**
 * Downloads an image with Firmware Image Download [BASE-2.1 §5.1.9]. Nothing changes before it is
 * committed. Pieces halve where the kernel takes none of that length, unless theirs was named.
 *
 * @throws UsageError as planDownload; StatusError whose next step says from where to go on
 * @example
 * ```ts
 * import { downloadFirmware, open } from "nvmectl";
 *
 * await using drive = await open("virtual:");
 * const { pieces } = await downloadFirmware(drive, new Uint8Array(8192));
 * console.log(pieces);
 * ```
 */
export async function downloadFirmware(
  drive: Drive,
  image: Uint8Array,
  { signal, progress, ...options }: DownloadOptions = {},
): Promise<DownloadPlan> {
  const controller = await identifyController(drive);
  const plan = planDownload(controller, image.length, options);
  const least = options.chunk ?? Math.max(granuleOf(controller.fwug), LEAST_CHUNK_BYTES);
  let { chunk } = plan;
  let pieces = 0;
  for (let at = plan.offset; at < image.length;) {
    if (signal?.aborted) throw stopped(drive, signal, at, image.length);
    const piece = image.subarray(at, at + chunk);
    try {
      await sendPiece(drive, piece, { at, of: image.length });
    } catch (error) {
      if (piece.length <= least || !isTooMuch(error)) throw error;
      chunk = Math.max(least, Math.floor(piece.length / 2 / least) * least);
      continue;
    }
    pieces++;
    at += piece.length;
    progress?.(at);
  }
  return { offset: plan.offset, chunk, pieces };
}

/** Whether the kernel refused so long a command, of which the drive then knows nothing. */
function isTooMuch(error: unknown): boolean {
  return error instanceof UnreachableError && (error.code === "EINVAL" || error.code === "ENOMEM");
}

async function sendPiece(
  drive: Drive,
  piece: Uint8Array,
  { at, of }: { readonly at: number; readonly of: number },
): Promise<void> {
  using data = drive.transport.allocate(piece.length);
  data.bytes.set(piece);
  const purpose = `download bytes ${at} to ${at + piece.length - 1} of ${of} to ${drive.target}`;
  try {
    await drive.execute({
      queue: "admin",
      opcode: FIRMWARE_DOWNLOAD,
      cdw10: piece.length / DWORD - 1,
      cdw11: at / DWORD,
      direction: "out",
      data,
    }, purpose);
  } catch (error) {
    throw notDownloaded(error, at);
  }
}

/** A piece's failure, with what is left of the download. */
function notDownloaded(error: unknown, at: number): unknown {
  if (error instanceof UnreachableError) {
    return withNextStep(
      error,
      "nothing is committed, the old firmware stays; whatever resets the drive makes it forget " +
        "the pieces that it has",
    );
  }
  if (!(error instanceof StatusError) || at === 0) return error;
  return new StatusError(error.message, error.status, {
    next: `${error.next ?? "try again"} nvmectl firmware download --offset ${at} goes on from ` +
      "this piece, unless the drive was reset meanwhile",
  });
}

function stopped(drive: Drive, signal: AbortSignal, at: number, of: number): Error {
  return interrupted(
    signal,
    `Stopped after ${at} of ${of} bytes were downloaded to ${drive.target}; nothing is committed`,
    `nvmectl firmware download --offset ${at} goes on, unless the drive is reset meanwhile`,
  );
}

/** What is to be committed. */
export interface Commit {
  /** 1 to 7; 0 leaves the choice to the drive. */
  readonly slot: number;
  /** COMMIT_ACTION of src/spec/admin/firmware.ts. */
  readonly action: number;
  readonly bootPartition?: 0 | 1 | undefined;
}

/** What a commit still needs before the firmware runs: the kind of reset, or more time. */
export type CommitNeed = "controller" | "subsystem" | "conventional" | "time";

/** What came of a commit. */
export interface Committed {
  readonly needs: CommitNeed | undefined;
  /** Somebody else downloaded at the same time, so that the image may be a mixture. */
  readonly overlapped: boolean;
}

const NEEDS: Readonly<Record<number, CommitNeed>> = {
  [COMMAND_SPECIFIC.needsControllerReset.code]: "controller",
  [COMMAND_SPECIFIC.needsSubsystemReset.code]: "subsystem",
  [COMMAND_SPECIFIC.needsConventionalReset.code]: "conventional",
  [COMMAND_SPECIFIC.needsMoreTime.code]: "time",
};

/**
 * Commits what was downloaded, or chooses what runs next, with Firmware Commit [BASE-2.1 §5.1.8].
 * That a reset is still needed is success.
 *
 * @throws StatusError where the drive rejects the image, the slot or the action; it says so where
 * another download was in between
 *
 * @example Go back to what slot 1 holds
 * ```ts
 * import { commitFirmware, open } from "nvmectl";
 *
 * await using drive = await open("virtual:");
 * const { needs } = await commitFirmware(drive, { slot: 1, action: 2 });
 * console.log(needs); // "controller": it runs after a reset
 * ```
 */
export async function commitFirmware(
  drive: Drive,
  { slot, action, bootPartition = 0 }: Commit,
): Promise<Committed> {
  const dword = FirmwareCommitDword.encode({
    cdw10: { fs: slot, ca: action, bpid: bootPartition === 1 },
  });
  const command = {
    queue: "admin",
    opcode: FIRMWARE_COMMIT,
    cdw10: new DataView(dword.buffer).getUint32(0, true),
    timeoutMs: COMMIT_TIMEOUT_MS,
    slow: true,
  } as const;
  const { status, result } = await drive.submit(command);
  const overlapped = isOverlapped(result);
  const { type, code } = decodeStatus(status);
  if (type !== 0 || code !== 0) {
    // As in Drive.execute(), which would keep the completion of a refused command to itself.
    const { refusalOf } = await import("./refusal.ts");
    const refused = refusalOf(command, status, `commit firmware on ${drive.target}`);
    if (refused) throw overlapped ? afterOverlap(refused) : refused;
  }
  drive.forget();
  return { needs: type === 1 ? NEEDS[code] : undefined, overlapped };
}

/** Whether dword 0 of the completion tells of another download; it does so of failures too. */
function isOverlapped(result: bigint): boolean {
  const low = new Uint8Array(4);
  new DataView(low.buffer).setUint32(0, Number(result & 0xffff_ffffn), true);
  const { dw0: { mudHost, mudManagement } } = FirmwareCommitResult.decode(low);
  return mudHost || mudManagement;
}
