// What a drive says of a namespace that the length of a command composed by hand depends on.

import { StatusError } from "../errors.ts";
import { ALL_NAMESPACES } from "../spec/command.ts";
import {
  currentFormat,
  IdentifyNamespace,
  type SupportedFormat,
} from "../spec/identify/identify_namespace.ts";
import { NvmNamespace, protectionFormat } from "../spec/identify/identify_namespace_nvm.ts";
import { decodeNamespaceDescriptors, NIDT } from "../spec/identify/namespace_descriptors.ts";
import type { Drive } from "./drive.ts";
import { identify, identifyNamespaceBytes } from "./identify.ts";
import type { RawCommand } from "./raw_command.ts";
import { movesBlocks, type TransferContext } from "./raw_length.ts";

const NAMESPACE_DESCRIPTORS = 0x03;
const COMMAND_SET_NAMESPACE = 0x05;
const KEY_VALUE_LIST = 0x06;
const KEY_VALUE = 1;
/** Bytes of protection information with a 16-bit guard, and with a longer one [NVM-1.1 §5.3]. */
const PROTECTION_BYTES = 8;
const LONG_PROTECTION_BYTES = 16;

/**
 * What the drive says that the command's length depends on. Asks only where that is so: for
 * commands that move blocks, or a key's value.
 */
export async function transferContext(
  drive: Drive,
  command: RawCommand,
): Promise<TransferContext> {
  const { queue, opcode, nsid = 0 } = command;
  if (nsid === 0 || nsid === ALL_NAMESPACES) return {};
  if (!movesBlocks(command) && !(queue === "io" && opcode === KEY_VALUE_LIST)) return {};
  const bytes = await unlessRefused(() => identifyNamespaceBytes(drive, nsid));
  const namespace = bytes && IdentifyNamespace.decode(bytes);
  const format = namespace && currentFormat(namespace);
  if (namespace === undefined || format === undefined) {
    return { keyValue: await commandSet(drive, nsid) === KEY_VALUE };
  }
  const { flbas, dps } = namespace;
  return {
    shape: {
      blockBytes: format.blockBytes,
      metadataBytes: format.metadataBytes,
      inline: flbas.mtelba,
      protectionBytes: dps.pit === 0 ? 0 : await protectionBytes(drive, nsid, format),
    },
  };
}

/** Bytes of a block's protection information; only metadata of 16 bytes leaves that open. */
async function protectionBytes(
  drive: Drive,
  nsid: number,
  { index, metadataBytes }: SupportedFormat,
): Promise<number> {
  if (metadataBytes !== LONG_PROTECTION_BYTES) return PROTECTION_BYTES;
  const request = { cns: COMMAND_SET_NAMESPACE, nsid };
  const purpose = `read the protection information format of namespace ${nsid}`;
  const bytes = await unlessRefused(() => identify(drive, request, purpose));
  const format = bytes && NvmNamespace.decode(bytes).elbaf[index];
  return format && protectionFormat(format) !== 0 ? LONG_PROTECTION_BYTES : PROTECTION_BYTES;
}

/** The I/O command set of a namespace; that of NVM where the drive is too old to say. */
export async function commandSet(drive: Drive, nsid = 0): Promise<number | undefined> {
  if (nsid === 0 || nsid === ALL_NAMESPACES) return undefined;
  const bytes = await unlessRefused(() =>
    identify(
      drive,
      { cns: NAMESPACE_DESCRIPTORS, nsid },
      `read the descriptors of namespace ${nsid}`,
    )
  );
  if (bytes === undefined) return 0;
  const csi = decodeNamespaceDescriptors(bytes).find(({ nidt }) => nidt === NIDT.csi);
  return csi?.nid[0] ?? 0;
}

/** What `ask` brings; undefined where the drive refuses it. */
export async function unlessRefused<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof StatusError) return undefined;
    throw error;
  }
}
