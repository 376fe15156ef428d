// What a sanitize operation leaves of the namespaces: nothing, or blocks with other contents.

import { SANITIZE_ACTION } from "../../spec/admin/sanitize.ts";
import type { Machine } from "../machine.ts";
import type { Namespace } from "../namespace.ts";
import { nextRandom, type RandomState } from "../random.ts";

/** Blocks that are written at a time. */
const PART_BLOCKS = 256;
/** Bytes of protection information with a 16-bit guard [NVM-1.1 §5.3]. */
const PROTECTION_BYTES = 8;

/**
 * Deallocates all blocks of all namespaces; their formats stay.
 *
 * @throws {StorageFailure} where the storage cannot do it: nothing has changed
 */
export function deallocateAll({ drive }: Machine): void {
  drive.store.reformat(new Map(drive.store.allocated().map(({ nsid, state }) => [nsid, state])));
}

/**
 * Replaces what the allocated blocks hold: by a pattern, by zeros after a block erase, by what a
 * new key makes of the old data after a crypto erase.
 *
 * @throws {StorageFailure} where the storage cannot do it: some of them are replaced
 */
export function replaceAll(machine: Machine, action: number, pattern: number): void {
  for (const namespace of machine.drive.store.allocated()) {
    // Cached blocks are allocated like others.
    namespace.media.flush();
    const fill = fillFor(machine.state, action, pattern);
    for (const [lba, count] of [...namespace.media.store.allocated()]) {
      for (let done = 0; done < count; done += PART_BLOCKS) {
        replace(namespace, lba + done, Math.min(PART_BLOCKS, count - done), fill);
      }
    }
    // What is left of damage is of blocks that hold nothing.
    for (const { lba, count } of namespace.media.damaged(0, namespace.blocks)) {
      namespace.media.deallocate(lba, count);
    }
  }
}

type Fill = (bytes: Uint8Array) => void;

function fillFor(state: RandomState, action: number, pattern: number): Fill {
  switch (action) {
    case SANITIZE_ACTION.overwrite:
      return (bytes) => {
        for (let at = 0; at < bytes.length; at++) bytes[at] = pattern >>> (8 * (at & 3));
      };
    case SANITIZE_ACTION.cryptoErase:
      return (bytes) => {
        for (let at = 0; at < bytes.length; at++) bytes[at] = nextRandom(state) * 256;
      };
    default:
      return (bytes) => void bytes.fill(0);
  }
}

/**
 * After the last pass, inverted between passes or not, user data are the pattern and protection
 * information is all ones [BASE-2.1 §8.1.24.2, Fig. 647].
 */
function replace(
  { media, blockBytes, metadataBytes, state }: Namespace,
  lba: number,
  count: number,
  fill: Fill,
): void {
  const data = new Uint8Array(count * blockBytes);
  const metadata = new Uint8Array(count * metadataBytes);
  fill(data);
  fill(metadata);
  if (state.protection !== 0) {
    const first = state.protectionFirst ? 0 : metadataBytes - PROTECTION_BYTES;
    for (let at = first; at < metadata.length; at += metadataBytes) {
      metadata.fill(0xff, at, at + PROTECTION_BYTES);
    }
  }
  media.write(lba, count, { data, metadata });
}
