// Host Behavior Support: what the host has told the controller that it can deal with.

import { HostBehaviorData } from "../spec/feature/data.ts";
import type { Drive } from "./drive.ts";

const GET_FEATURES = 0x0a;
const SET_FEATURES = 0x09;
/** Host Behavior Support [BASE-2.1 §5.1.25.1.14]. */
const FEATURE_ID = 0x16;

/** Something that the host can say of itself, and the byte that is one for yes. */
const BYTES = { acre: 0, etdas: 1, lbafee: 2 } as const;

/** Advanced command retry, telemetry data area 4, LBA formats above 15. */
export type HostBehavior = keyof typeof BYTES;

/** What the host has said so far, as the drive keeps it. */
export async function readHostBehavior(drive: Drive): Promise<Uint8Array<ArrayBuffer>> {
  return await drive.read({
    queue: "admin",
    opcode: GET_FEATURES,
    cdw10: FEATURE_ID,
    length: HostBehaviorData.size,
  }, `read what the host has enabled on ${drive.target}`);
}

/** A behavior that is enabled for a while. */
export interface EnabledBehavior extends AsyncDisposable {
  /**
   * Restores what was before, for who wants to know whether that works; it is tried once, here or
   * on disposal.
   */
  restore(): Promise<void>;
}

/**
 * Enables a behavior until the result is disposed of, which restores what was before, also after
 * an error. Nothing is sent where it is enabled already.
 */
export async function withHostBehavior(
  drive: Drive,
  behavior: HostBehavior,
): Promise<EnabledBehavior> {
  const before = await readHostBehavior(drive);
  let tried = isEnabled(before, behavior);
  if (!tried) await enableHostBehavior(drive, before, behavior);
  const restore = async (): Promise<void> => {
    if (tried) return;
    tried = true;
    await set(drive, before, `restore ${behavior}`);
  };
  return { restore, [Symbol.asyncDispose]: restore };
}

/** Whether what the drive keeps says that the host can deal with it. */
export function isEnabled(kept: Uint8Array, behavior: HostBehavior): boolean {
  return kept[BYTES[behavior]] === 1;
}

/** Enables a behavior beside what the drive keeps, for good. */
export async function enableHostBehavior(
  drive: Drive,
  kept: Uint8Array,
  behavior: HostBehavior,
): Promise<void> {
  const wanted = kept.slice();
  wanted[BYTES[behavior]] = 1;
  await set(drive, wanted, `enable ${behavior}`);
}

async function set(drive: Drive, bytes: Uint8Array, doing: string): Promise<void> {
  using data = drive.transport.allocate(bytes.length);
  data.bytes.set(bytes);
  await drive.execute({
    queue: "admin",
    opcode: SET_FEATURES,
    cdw10: FEATURE_ID,
    direction: "out",
    data,
  }, `${doing} (Host Behavior Support) on ${drive.target}`);
}
