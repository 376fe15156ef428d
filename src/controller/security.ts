// Security Receive and Security Send: containers for the protocols of others, and the two answers
// that can be read without being one of them.

import { UnsupportedError } from "../errors.ts";
import {
  listedProtocols,
  SECURITY_PROTOCOL,
  SecurityReceiveDwords,
  SecuritySendDwords,
  SupportedSecurityProtocols,
} from "../spec/admin/security.ts";
import {
  decodeFeatureDescriptors,
  DiscoveryHeader,
  type FeatureDescriptor,
  LEVEL_0_COMID,
} from "../spec/admin/tcg_discovery.ts";
import { composeDwords } from "../spec/words.ts";
import type { Drive } from "./drive.ts";
import { identifyController } from "./identify.ts";
import { transferLimit } from "./transfer_limit.ts";

const SECURITY_SEND = 0x81;
const SECURITY_RECEIVE = 0x82;
/** A message may have the drive erase itself before it answers. */
const SEND_TIMEOUT_MS = 300_000;
/** Room for every drive's list of protocols, and for every discovery there is. */
const PROTOCOLS_BYTES = 512;
const DISCOVERY_BYTES = 4096;
/** What stands before the list of protocols. */
const PROTOCOLS_AT = 8;

/** Which protocol, and which part of it [BASE-2.1 §5.1.23, Fig. 376]. */
export interface SecurityAddress {
  /** Security Protocol (SECP). */
  readonly protocol: number;
  /** SP Specific (SPSP), 16 bits: the ComID of the TCG's protocols. */
  readonly specific?: number | undefined;
  /** NVMe Security Specific Field (NSSF): the target of protocol EAh. */
  readonly nssf?: number | undefined;
  readonly nsid?: number | undefined;
}

/**
 * Up to `length` bytes of a protocol's answer. The drive does not tell how many of them it wrote:
 * the rest is zero, and the protocol says where its answer ends.
 *
 * @throws UnsupportedError for a drive without the command, or more than it can move at once;
 * StatusError where the drive refuses
 *
 * @example
 * ```ts
 * import { open, receiveSecurity } from "nvmectl";
 *
 * await using drive = await open("virtual:");
 * console.log((await receiveSecurity(drive, { protocol: 0 }, 512)).subarray(6, 8));
 * ```
 */
export async function receiveSecurity(
  drive: Drive,
  address: SecurityAddress,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  await checkSecurity(drive, length);
  const dwords = composeDwords(SecurityReceiveDwords, { ...word(address), al: length });
  return await drive.read(
    { queue: "admin", opcode: SECURITY_RECEIVE, nsid: address.nsid ?? 0, ...dwords, length },
    `receive from security protocol ${hex(address.protocol)} of ${drive.target}`,
  );
}

/**
 * Sends bytes to a protocol. What they do is the protocol's: they may lock the drive, or erase it.
 *
 * @throws UnsupportedError for a drive without the command, or more than it can move at once;
 * StatusError where the drive refuses
 */
export async function sendSecurity(
  drive: Drive,
  address: SecurityAddress,
  bytes: Uint8Array,
): Promise<void> {
  await checkSecurity(drive, bytes.length);
  const dwords = composeDwords(SecuritySendDwords, { ...word(address), tl: bytes.length });
  const command = {
    queue: "admin",
    opcode: SECURITY_SEND,
    nsid: address.nsid ?? 0,
    ...dwords,
    timeoutMs: SEND_TIMEOUT_MS,
    slow: true,
  } as const;
  const purpose = `send to security protocol ${hex(address.protocol)} of ${drive.target}`;
  if (bytes.length === 0) {
    await drive.execute(command, purpose);
  } else {
    using data = drive.transport.allocate(bytes.length);
    data.bytes.set(bytes);
    await drive.execute({ ...command, direction: "out", data }, purpose);
  }
  // Locked or erased, the drive may say other things of itself.
  drive.forget();
}

/**
 * The security protocols that the drive has, ascending [SPC-5 §7.7.1].
 *
 * @throws UnsupportedError for a drive without security commands; StatusError where it refuses
 */
export async function securityProtocols(drive: Drive): Promise<readonly number[]> {
  const address = { protocol: SECURITY_PROTOCOL.information };
  return protocolsOf(await receiveSecurity(drive, address, PROTOCOLS_BYTES));
}

/** The protocols of an answer of protocol 00h, also of one that was cut. */
export function protocolsOf(answer: Uint8Array): readonly number[] {
  const whole = new Uint8Array(SupportedSecurityProtocols.size);
  whole.set(answer.subarray(0, whole.length));
  return listedProtocols(SupportedSecurityProtocols.decode(whole))
    .slice(0, Math.max(0, answer.length - PROTOCOLS_AT));
}

/** What a self-encrypting drive says of itself to everybody. */
export interface TcgDiscovery {
  readonly major: number;
  readonly minor: number;
  readonly features: readonly FeatureDescriptor[];
}

/**
 * The TCG's Level 0 Discovery [TCG-2.01 §3.3.6].
 *
 * @throws UnsupportedError for a drive without security commands; StatusError where it refuses
 *
 * @example
 * ```ts
 * import { open, tcgDiscovery } from "nvmectl";
 *
 * await using drive = await open("virtual:");
 * console.log((await tcgDiscovery(drive)).features.map(({ code }) => code));
 * ```
 */
export async function tcgDiscovery(drive: Drive): Promise<TcgDiscovery> {
  const address = { protocol: SECURITY_PROTOCOL.tcgFirst, specific: LEVEL_0_COMID };
  return discoveryOf(await receiveSecurity(drive, address, DISCOVERY_BYTES));
}

/** What an answer of Level 0 Discovery says. Throws TruncatedError for less than its header. */
export function discoveryOf(answer: Uint8Array): TcgDiscovery {
  const { major, minor } = DiscoveryHeader.decode(answer);
  return { major, minor, features: decodeFeatureDescriptors(answer) };
}

async function checkSecurity(drive: Drive, length: number): Promise<void> {
  const controller = await identifyController(drive);
  if (!controller.oacs.ssrs) {
    throw new UnsupportedError(
      `Cannot use the security protocols of ${drive.target}: it has none (OACS, bit 0)`,
    );
  }
  const most = transferLimit(controller);
  if (length <= most) return;
  throw new UnsupportedError(
    `Cannot move ${length} bytes in one security command: ${drive.target} moves ${most} at most`,
  );
}

function word({ protocol, specific = 0, nssf = 0 }: SecurityAddress) {
  return { cdw10: { nssf, spsp0: specific & 0xff, spsp1: specific >>> 8, secp: protocol } };
}

function hex(protocol: number): string {
  return `${protocol.toString(16).padStart(2, "0")}h`;
}
