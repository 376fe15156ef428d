// What a drive can take with one command, and how long it needs to go to sleep.

import {
  IdentifyController,
  maximumTransferBytes,
} from "../../spec/identify/identify_controller.ts";
import type { Completion } from "../transport.ts";
import type { DmaSpace } from "./backing.ts";
import { allocateBuffer } from "./buffers.ts";
import type { OwnCommand, TransferLimit } from "./entry.ts";
import { identifyController } from "./own_commands.ts";
import { refused } from "./words.ts";

/** Sends a command of the driver itself, and waits for it. */
export type Send = (command: OwnCommand) => Promise<Completion>;

/** What Identify Controller says that the driver needs. */
export interface DriveLimits {
  readonly transfer: TransferLimit;
  /** RTD3E: the longest shutdown, in microseconds; 0 where the drive does not say. */
  readonly rtd3eUs: number;
  /** MTFA: how long activating firmware may keep it from processing, in ms; 0 if unknown. */
  readonly activationMs: number;
}

/** Whom to ask, and with which memory. */
export interface LimitsRequest {
  readonly send: Send;
  readonly dma: DmaSpace;
  readonly owner: object;
  readonly target: string;
  /** The page that CAP.MPSMIN stands for: the unit of MDTS. */
  readonly smallestPageBytes: number;
}

const IDENTIFY_BYTES = 4096;

/** What every drive takes: MDTS is one page at least [BASE-2.1 §5.1.13.2.1, Fig. 312]. */
export const UNKNOWN_LIMIT: TransferLimit = { bytes: 4096, by: "a drive of unknown limits" };
/** One page of a PRP list names so much, and each command has one page. */
export const DRIVER_LIMIT: TransferLimit = { bytes: 2 * 1024 * 1024, by: "our own driver" };

/**
 * Reads the limits from Identify Controller.
 *
 * @throws {StatusError} where the drive does not answer it, which every drive must
 */
export async function readLimits(request: LimitsRequest): Promise<DriveLimits> {
  const { send, dma, owner, target, smallestPageBytes } = request;
  using data = allocateBuffer(dma, IDENTIFY_BYTES, owner);
  const answer = await send(identifyController(data));
  if (answer.status !== 0) throw await refused(target, "read the limits", answer);
  const identify = IdentifyController.decode(data.bytes.slice());
  const bytes = maximumTransferBytes(identify, smallestPageBytes) ?? Infinity;
  const transfer = bytes <= DRIVER_LIMIT.bytes ? { bytes, by: "the drive (MDTS)" } : DRIVER_LIMIT;
  return { transfer, rtd3eUs: identify.rtd3e, activationMs: 100 * identify.mtfa };
}
