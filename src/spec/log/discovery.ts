// Log page 70h: the NVM subsystems that a discovery controller knows, and where they listen.

import {
  ascii,
  asciiz,
  at,
  bit,
  bits,
  bytes,
  coded,
  counted,
  except,
  type JsonObject,
  nameOf,
  range,
  reserved,
  struct,
  u16,
  u32,
  u64,
  u8,
} from "../../layout/mod.ts";
import { growingPage, type LogPage, type Table } from "./log_page.ts";

/** Transports, by TRTYPE [BASE-2.1 §5.1.12.3.1, Fig. 294]. */
export const TRANSPORT_TYPE_NAMES = {
  1: "RDMA",
  2: "Fibre Channel",
  3: "TCP",
  254: "intra-host",
} as const;

/** What an address is of, by ADRFAM [BASE-2.1 §5.1.12.3.1, Fig. 294]. */
export const ADDRESS_FAMILY_NAMES = {
  1: "IPv4",
  2: "IPv6",
  3: "InfiniBand",
  4: "Fibre Channel",
  254: "intra-host",
} as const;

/** What an entry leads to, by SUBTYPE [BASE-2.1 §5.1.12.3.1, Fig. 294]. */
export const SUBSYSTEM_TYPE_NAMES = {
  1: "referral to a discovery service",
  2: "NVM subsystem",
  3: "this discovery service",
} as const;

/** Whether a connection must be secure, by TSC [BASE-2.1 §5.1.12.3.1, Fig. 294]. */
export const SECURE_CHANNEL_NAMES = {
  0: "not specified",
  1: "required",
  2: "not required",
} as const;

/** What a host must prove, by TASC [BASE-2.1 §5.1.12.3.1, Fig. 294]. */
export const AUTHENTICATION_NAMES = {
  0: "not specified",
  1: "required",
  2: "required, and a secure channel out of it",
} as const;

/** How NVMe/TCP connections are secured: byte 0 of `tsas` of a TCP entry [TCP-1.1]. */
export const TCP_SECURITY_NAMES = { 0: "none", 1: "TLS 1.2", 2: "TLS 1.3" } as const;

/** In an entry's controller field: any controller of the subsystem will do. */
export const DYNAMIC_CONTROLLER = 0xffff;

/** In an entry's controller field: a static controller, whose identifier Connect tells. */
export const STATIC_CONTROLLER = 0xfffe;

/** The header of the Discovery log page. */
export const DiscoveryLog = struct("Discovery", 1024, "[BASE-2.1 §5.1.12.3.1, Fig. 296]", [
  at(0, 7, "generation", u64, "Generation counter"),
  at(8, 15, "recordCount", u64, "Records"),
  at(16, 17, "recordFormat", u16, "Record format"),
  at(
    18,
    18,
    "flags",
    bits(u8, {
      extended: bit(0, "has extended entries"),
      portLocal: bit(1, "only of the port asked"),
      allSubsystems: bit(2, "of all subsystems"),
    }),
    "Flags",
    { since: "2.0" },
  ),
  reserved(19, 19),
  at(20, 23, "length", except(u32, 0, "not reported"), "Bytes of the log page", { since: "2.0" }),
  reserved(24, 1023),
]);

/** One entry of the Discovery log page: a way to a subsystem. */
export const DiscoveryEntry = struct(
  "Discovery Log Page Entry",
  1024,
  "[BASE-2.1 §5.1.12.3.1, Fig. 294]",
  [
    at(0, 0, "transport", coded(u8, TRANSPORT_TYPE_NAMES), "Transport"),
    at(1, 1, "addressFamily", coded(u8, ADDRESS_FAMILY_NAMES), "Address family"),
    at(2, 2, "subsystemType", coded(u8, SUBSYSTEM_TYPE_NAMES), "Subsystem type"),
    at(
      3,
      3,
      "requirements",
      bits(u8, {
        secureChannel: range(1, 0, "secure channel", { names: SECURE_CHANNEL_NAMES }),
        flowControlDisable: bit(2, "can do without flow control"),
        zeroHostId: bit(3, "takes a host identifier of zero"),
        authentication: range(5, 4, "authentication", { names: AUTHENTICATION_NAMES }),
      }),
      "Transport requirements",
    ),
    at(4, 5, "port", u16, "Port"),
    at(
      6,
      7,
      "controller",
      except(except(u16, DYNAMIC_CONTROLLER, "any"), STATIC_CONTROLLER, "static"),
      "Controller",
    ),
    at(8, 9, "adminQueueSize", u16, "Entries of an admin submission queue, most"),
    at(
      10,
      11,
      "flags",
      bits(u16, {
        duplicate: bit(0, "ports with this flag return the same information"),
        persistent: bit(1, "keeps connections that ask for it"),
        noCentral: bit(2, "not connected to a central discovery controller"),
      }),
      "Entry flags",
      { since: "1.4" },
    ),
    reserved(12, 31),
    at(32, 63, "service", ascii(32), "Transport service (TCP port)"),
    reserved(64, 255),
    at(256, 511, "subnqn", asciiz(256), "NVM subsystem NQN"),
    at(512, 767, "address", ascii(256), "Transport address"),
    at(768, 1023, "tsas", bytes(256), "Transport specific address subtype"),
  ],
);

/** A decoded entry of the Discovery log page. */
export type DiscoveryEntry = ReturnType<typeof DiscoveryEntry.decode>;

/** A decoded Discovery log page. */
export type DiscoveryLog = ReturnType<typeof DiscoveryLog.decode> & {
  /** Those entries that were read; none of a page with extended entries, whose sizes differ. */
  readonly entries: readonly DiscoveryEntry[];
};

type DiscoveryEntryInput = Parameters<typeof DiscoveryEntry.encode>[0];

/** The page; its count of records follows from the entries. */
export function encodeDiscovery(
  { generation, entries }: {
    readonly generation: bigint | number;
    readonly entries: readonly DiscoveryEntryInput[];
  },
): Uint8Array<ArrayBuffer> {
  const page = new Uint8Array(DiscoveryLog.size + entries.length * DiscoveryEntry.size);
  page.set(DiscoveryLog.encode({ generation, recordCount: entries.length }));
  entries.forEach((entry, at) => {
    page.set(DiscoveryEntry.encode(entry), DiscoveryLog.size + at * DiscoveryEntry.size);
  });
  return page;
}

function extent(page: Uint8Array): number {
  const { length, recordCount } = DiscoveryLog.decode(page);
  const entries = DiscoveryLog.size + Number(recordCount) * DiscoveryEntry.size;
  return Math.max(length === 0 ? entries : length, DiscoveryLog.size);
}

/** The page's value. Throws TruncatedError for bytes shorter than the header. */
function decodeDiscovery(page: Uint8Array): DiscoveryLog {
  const header = DiscoveryLog.decode(page);
  const there = Math.floor((page.length - DiscoveryLog.size) / DiscoveryEntry.size);
  const count = header.flags.extended ? 0 : Math.min(Number(header.recordCount), there);
  const entries = Array.from(
    { length: count },
    (_, at) => DiscoveryEntry.decode(page.subarray(DiscoveryLog.size + at * DiscoveryEntry.size)),
  );
  return { ...header, entries };
}

const DISCOVERY_CONTROLLER = 2;

/** Log page 70h, of discovery controllers. */
export const DiscoveryPage: LogPage<DiscoveryLog> = growingPage(DiscoveryLog, {
  lid: 0x70,
  name: "discovery",
  aliases: ["discovery-log", "discover"],
  scope: "controller",
  parts: [DiscoveryEntry],
  supportedBy: ({ cntrltype }) => cntrltype === 0 ? undefined : cntrltype === DISCOVERY_CONTROLLER,
  growth: { extent, generation: (page) => DiscoveryLog.decode(page).generation },
  decode: decodeDiscovery,
  json: discoveryJson,
  table: discoveryTable,
});

function discoveryJson(log: DiscoveryLog): JsonObject {
  return {
    ...DiscoveryLog.json(log),
    entries: log.entries.map((entry) => DiscoveryEntry.json(entry)),
  };
}

const TCP = 3;

function discoveryTable({ entries, recordCount, flags }: DiscoveryLog): Table {
  return {
    columns: [
      "Transport",
      "Address",
      "Service",
      "Port",
      "Controller",
      "Security",
      "Subsystem",
      "NQN",
    ],
    rows: entries.map((entry) => [
      nameOf(TRANSPORT_TYPE_NAMES, entry.transport),
      entry.address,
      entry.service,
      `${entry.port}`,
      DiscoveryEntry.row("controller").codec.text(entry.controller),
      entry.transport === TCP ? nameOf(TCP_SECURITY_NAMES, entry.tsas[0] ?? 0) : "-",
      nameOf(SUBSYSTEM_TYPE_NAMES, entry.subsystemType),
      entry.subnqn,
    ]),
    note: flags.extended
      ? `${counted(Number(recordCount), "entry", "entries")}, extended: not decoded here`
      : counted(Number(recordCount), "entry", "entries"),
  };
}
