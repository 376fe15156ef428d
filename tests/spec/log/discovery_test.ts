// The Discovery log page.

import { assertEquals } from "@std/assert";
import {
  DiscoveryEntry,
  DiscoveryLog,
  DiscoveryPage,
  DYNAMIC_CONTROLLER,
  encodeDiscovery,
} from "../../../src/spec/log/discovery.ts";
import { DISCOVERY_IMAGE } from "../../golden/log/later_images.ts";
import { page } from "../../golden/log/page.ts";
import { structureTests } from "../../support/structure.ts";
import { NOTHING } from "./controllers.ts";
import { DISCOVERY_ENTRY_WITNESS, DISCOVERY_WITNESS } from "./later_witness.ts";
import { witnessTests } from "./witness.ts";

structureTests(DiscoveryLog, {
  bytes: DISCOVERY_IMAGE.subarray(0, 1024),
  decoded: {
    generation: 2n,
    recordCount: 1n,
    recordFormat: 0,
    flags: { value: 2, extended: false, portLocal: true, allSubsystems: false },
    length: 2048,
  },
  encoded: { generation: 2n, recordCount: 1n, flags: { portLocal: true }, length: 2048 },
});
witnessTests(DiscoveryLog, DISCOVERY_WITNESS);

const ENTRY = {
  transport: 3,
  addressFamily: 1,
  subsystemType: 2,
  port: 1,
  controller: DYNAMIC_CONTROLLER,
  adminQueueSize: 32,
  service: "4420",
  subnqn: "nqn.x",
  address: "192.0.2.1",
  tsas: page(256, { 0: "02" }),
};
const REQUIREMENTS = { flowControlDisable: true, authentication: 1 };

structureTests(DiscoveryEntry, {
  bytes: DISCOVERY_IMAGE.subarray(1024),
  decoded: {
    ...ENTRY,
    requirements: { value: 0x14, secureChannel: 0, zeroHostId: false, ...REQUIREMENTS },
    flags: { value: 2, duplicate: false, persistent: true, noCentral: false },
  },
  encoded: { ...ENTRY, requirements: REQUIREMENTS, flags: { persistent: true } },
});
witnessTests(DiscoveryEntry, DISCOVERY_ENTRY_WITNESS);

Deno.test("encodeDiscovery() counts its records, and DiscoveryPage.decode() reads them back", () => {
  const bytes = encodeDiscovery({ generation: 7, entries: [ENTRY, { ...ENTRY, port: 2 }] });
  assertEquals(bytes.length, 3 * 1024);
  const log = DiscoveryPage.decode(bytes);
  assertEquals([log.generation, log.recordCount], [7n, 2n]);
  assertEquals(log.entries.map(({ port, address }) => [port, address]), [
    [1, "192.0.2.1"],
    [2, "192.0.2.1"],
  ]);
});

Deno.test("DiscoveryPage takes its length from the header, from its records where it has none", () => {
  assertEquals(DiscoveryPage.growth?.extent(DISCOVERY_IMAGE), 2048);
  assertEquals(DiscoveryPage.growth?.extent(page(1024, { 8: "03" })), 4 * 1024);
  assertEquals(DiscoveryPage.growth?.extent(page(1024, { 20: "01" })), 1024);
});

Deno.test("DiscoveryPage.decode() reads no more entries than there are bytes for", () => {
  assertEquals(DiscoveryPage.decode(DISCOVERY_IMAGE.subarray(0, 2000)).entries, []);
});

Deno.test("DiscoveryPage.table() shows where to connect to, and that extended entries are not", () => {
  assertEquals(DiscoveryPage.table?.(DiscoveryPage.decode(DISCOVERY_IMAGE)), {
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
    rows: [["TCP", "192.0.2.1", "4420", "1", "any", "TLS 1.3", "NVM subsystem", "nqn.x"]],
    note: "1 entry",
  });
  const extended = page(2048, { 8: "01", 18: "01" });
  assertEquals(
    DiscoveryPage.table?.(DiscoveryPage.decode(extended)).note,
    "1 entry, extended: not decoded here",
  );
});

Deno.test("DiscoveryPage is a discovery controller's; an old controller must be asked", () => {
  const supported = [0, 1, 2].map((cntrltype) =>
    DiscoveryPage.supportedBy({ ...NOTHING, cntrltype })
  );
  assertEquals(supported, [undefined, false, true]);
});

Deno.test("DiscoveryPage.json() has every entry with its names", () => {
  const { entries } = DiscoveryPage.json(DiscoveryPage.decode(DISCOVERY_IMAGE));
  const [first] = entries as { transport: unknown; subnqn: unknown }[];
  assertEquals([first?.transport, first?.subnqn], [{ value: 3, text: "TCP" }, "nqn.x"]);
});
