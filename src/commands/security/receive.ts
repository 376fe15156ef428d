// nvmectl security receive: what a security protocol answers, decoded where it is known.

import { command } from "../../cli/command.ts";
import { integer, text } from "../../cli/flags.ts";
import { CONFIRM_FLAGS, WRITE_FLAGS } from "../../cli/parse.ts";
import { type Block, facts, heading, type Report, table } from "../../cli/report.ts";
import type { Drive } from "../../controller/drive.ts";
import {
  discoveryOf,
  protocolsOf,
  receiveSecurity,
  type SecurityAddress,
} from "../../controller/security.ts";
import { codedJson, formatCount, type JsonObject, nameOf, toHex } from "../../layout/mod.ts";
import { SECURITY_PROTOCOL, SECURITY_PROTOCOL_NAMES } from "../../spec/admin/security.ts";
import {
  DiscoveryHeader,
  type FeatureDescriptor,
  featureDescriptor,
  LEVEL_0_COMID,
  TCG_FEATURE_NAMES,
} from "../../spec/admin/tcg_discovery.ts";
import { ADDRESS, addressFacts, addressJson, addressOf } from "./address.ts";

const LENGTH_MAX = 1 << 20;
const DEFAULT_BYTES = 4096;
/** Protocols as they are listed take no more. */
const LIST_BYTES = 512;

export const securityReceive = command({
  name: "security receive",
  group: "Change",
  summary: "Receive from a security protocol",
  description:
    `Two answers are decoded: protocol 0 lists the protocols that the drive has, and protocol
1 with specific field 1 is the TCG's Level 0 Discovery, which every self-encrypting drive
gives to everybody. Every other answer is bytes. A drive does not say how many bytes it
wrote: what is behind its answer is zero.`,
  effect: "read",
  target: "drive",
  flags: {
    ...ADDRESS,
    length: integer(`Allocation length (${DEFAULT_BYTES})`, {
      min: 4,
      max: LENGTH_MAX,
      value: "BYTES",
    }),
    out: text("Write the bytes to FILE, whole or not at all", "FILE"),
    // For a pci: drive, where answers that are a step of a conversation count as a change.
    ...WRITE_FLAGS,
    ...CONFIRM_FLAGS,
  },
  formats: ["table", "json", "raw"],
  examples: [
    ["nvmectl security receive --protocol 0 /dev/nvme0", "which protocols the drive has"],
    ["nvmectl security receive --protocol 1 --specific 1 /dev/nvme0", "TCG Level 0 Discovery"],
    [
      "nvmectl security receive --protocol 0xea --nssf 0 --specific 1 --length 256 /dev/nvme0",
      "an RPMB target's answer, as bytes",
    ],
  ],
  async run(context, { flags }) {
    const address = addressOf(flags);
    const { out } = flags;
    if (out !== undefined && !context.dryRun) await context.files.probe(out);
    const drive = await context.openDrive();
    const length = flags.length ??
      (address.protocol === SECURITY_PROTOCOL.information ? LIST_BYTES : DEFAULT_BYTES);
    const bytes = await receiveSecurity(drive, address, length);
    if (out !== undefined && !context.dryRun) await context.files.write(out, bytes);
    return report(drive, { address, bytes, out });
  },
});

interface Received {
  readonly address: SecurityAddress;
  readonly bytes: Uint8Array;
  readonly out: string | undefined;
}

function report(drive: Drive, { address, bytes, out }: Received): Report {
  const { json, blocks } = decoded(address, bytes);
  const dump: Block[] = out === undefined && blocks.length === 0 ? [{ kind: "hex", bytes }] : [];
  const saved = out === undefined ? "" : `, saved to ${out}`;
  return {
    json: {
      device: drive.target,
      ...addressJson(address),
      length: bytes.length,
      ...json,
      ...(out === undefined ? { data: toHex(bytes) } : { data_saved: out }),
    },
    blocks: [
      heading(`${drive.target}  security receive`),
      facts([...addressFacts(address), ["Bytes", `${formatCount(bytes.length)}${saved}`]]),
      ...blocks,
      ...dump,
    ],
    raw: bytes,
  };
}

interface Decoded {
  readonly json: JsonObject;
  readonly blocks: readonly Block[];
}

const NOTHING: Decoded = { json: {}, blocks: [] };

/** What the answer says, where its protocol is known here. */
function decoded({ protocol, specific = 0 }: SecurityAddress, bytes: Uint8Array): Decoded {
  if (protocol === SECURITY_PROTOCOL.information && specific === 0) return list(bytes);
  const discovers = protocol === SECURITY_PROTOCOL.tcgFirst && specific === LEVEL_0_COMID;
  return discovers && bytes.length >= DiscoveryHeader.size ? discovery(bytes) : NOTHING;
}

function list(bytes: Uint8Array): Decoded {
  const protocols = protocolsOf(bytes);
  return {
    json: { protocols: protocols.map((one) => codedJson(SECURITY_PROTOCOL_NAMES, one)) },
    blocks: [
      table(
        ["Protocol", "Name"],
        protocols.map((one) => [
          `${one.toString(16).padStart(2, "0")}h`,
          nameOf(SECURITY_PROTOCOL_NAMES, one),
        ]),
        "no protocols",
      ),
    ],
  };
}

function discovery(bytes: Uint8Array): Decoded {
  const { major, minor, features } = discoveryOf(bytes);
  return {
    json: { level_0_discovery: { major, minor, features: features.map(featureJson) } },
    blocks: [
      facts([["Revision", `${major}.${minor}`]]),
      ...features.flatMap(featureBlocks),
    ],
  };
}

function featureJson({ code, version, bytes }: FeatureDescriptor): JsonObject {
  const structure = featureDescriptor(code);
  const known = structure !== undefined && bytes.length >= structure.size;
  return {
    feature: codedJson(TCG_FEATURE_NAMES, code),
    version,
    ...(known ? structure.json(structure.decode(bytes)) : { data: toHex(bytes) }),
  };
}

function featureBlocks({ code, version, bytes }: FeatureDescriptor): Block[] {
  const title = `${code.toString(16).padStart(4, "0")}h  ${nameOf(TCG_FEATURE_NAMES, code)}`;
  const structure = featureDescriptor(code);
  if (structure === undefined || bytes.length < structure.size) {
    return [heading(title), { kind: "hex", bytes }];
  }
  const rows = structure.fields(structure.decode(bytes))
    .filter(({ row }) => !["code", "version", "length"].includes(row.name))
    .map(({ row, text }) => [row.label, text] as const);
  return [heading(`${title}, version ${version}`), facts(rows)];
}
