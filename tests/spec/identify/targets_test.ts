// What the lists of Identify show.

import { assertEquals } from "@std/assert";
import type { IdentifyTarget } from "../../../src/spec/identify/target.ts";
import {
  CommandSetsTarget,
  ControllerListTarget,
  DomainListTarget,
  EnduranceGroupListTarget,
  GranularityListTarget,
  NamespaceDescriptorsTarget,
  NamespaceListTarget,
  NvmSetListTarget,
  SecondaryControllerListTarget,
  UuidListTarget,
} from "../../../src/spec/identify/targets.ts";
import {
  COMMAND_SETS_IMAGE,
  CONTROLLER_LIST_IMAGE,
  DESCRIPTORS_IMAGE,
  DOMAIN_LIST_IMAGE,
  ENDURANCE_GROUP_LIST_IMAGE,
  GRANULARITY_LIST_IMAGE,
  NAMESPACE_LIST_IMAGE,
  NVM_SET_LIST_IMAGE,
  SECONDARY_LIST_IMAGE,
  UUID_LIST_IMAGE,
} from "../../golden/identify/images.ts";

function json<T>(target: IdentifyTarget<T>, bytes: Uint8Array): unknown {
  return target.json(target.decode(bytes));
}

function rows<T>(target: IdentifyTarget<T>, bytes: Uint8Array): readonly (readonly string[])[] {
  const table = target.table?.(target.decode(bytes));
  for (const row of table?.rows ?? []) assertEquals(row.length, table?.columns.length);
  return table?.rows ?? [];
}

Deno.test("lists of identifiers show what is listed", () => {
  assertEquals(json(NamespaceListTarget, NAMESPACE_LIST_IMAGE), {
    namespaces: [1, 2, 0xfffffffe],
  });
  assertEquals(rows(NamespaceListTarget, NAMESPACE_LIST_IMAGE), [["1"], ["2"], ["4294967294"]]);
  assertEquals(json(ControllerListTarget, CONTROLLER_LIST_IMAGE), { controllers: [0, 1, 258] });
  assertEquals(rows(ControllerListTarget, CONTROLLER_LIST_IMAGE), [
    ["0x0000"],
    ["0x0001"],
    ["0x0102"],
  ]);
  assertEquals(json(EnduranceGroupListTarget, ENDURANCE_GROUP_LIST_IMAGE), {
    endurance_groups: [1, 9],
  });
  assertEquals(rows(EnduranceGroupListTarget, ENDURANCE_GROUP_LIST_IMAGE), [["1"], ["9"]]);
});

Deno.test("NamespaceDescriptorsTarget shows type and identifier", () => {
  assertEquals(rows(NamespaceDescriptorsTarget, DESCRIPTORS_IMAGE), [
    ["EUI-64", "abcdef0123456789"],
    ["NGUID", "fedcba9876543210abcdef0123456789"],
    ["UUID", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"],
    ["command set", "Zoned Namespace Command Set"],
  ]);
  const { descriptors } = json(NamespaceDescriptorsTarget, DESCRIPTORS_IMAGE) as {
    descriptors: readonly unknown[];
  };
  assertEquals(descriptors[3], { nidt: { value: 4, text: "command set" }, nidl: 1, nid: "02" });
});

Deno.test("lists of resources show their entries in use", () => {
  assertEquals(rows(NvmSetListTarget, NVM_SET_LIST_IMAGE).map(([nsetid]) => nsetid), ["1", "3"]);
  assertEquals(rows(DomainListTarget, DOMAIN_LIST_IMAGE), [[
    "1",
    "1.00 TB (1,000,204,886,016 bytes)",
    "18.4 EB (18,446,744,073,709,551,616 bytes)",
    "2.00 TB (2,000,409,772,032 bytes)",
  ]]);
  const { nvm_sets } = json(NvmSetListTarget, NVM_SET_LIST_IMAGE) as {
    nvm_sets: readonly Record<string, unknown>[];
  };
  assertEquals(nvm_sets[0]?.["unvmsc_s"], "18446744073709551617");
  const { domains } = json(DomainListTarget, DOMAIN_LIST_IMAGE) as { domains: readonly unknown[] };
  assertEquals(domains.length, 1);
});

Deno.test("GranularityListTarget numbers the granularities", () => {
  assertEquals(rows(GranularityListTarget, GRANULARITY_LIST_IMAGE), [
    ["0", "1.07 GB (1,073,741,824 bytes)", "2.15 GB (2,147,483,648 bytes)"],
    ["1", "1.05 MB (1,048,576 bytes)", "not reported"],
  ]);
  assertEquals(json(GranularityListTarget, GRANULARITY_LIST_IMAGE), {
    per_lba_format: true,
    granularities: [{ nsg: 2 ** 30, ncg: 2 ** 31 }, { nsg: 2 ** 20, ncg: 0 }],
  });
});

Deno.test("UuidListTarget shows the index that commands take", () => {
  assertEquals(rows(UuidListTarget, UUID_LIST_IMAGE), [
    ["1", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "associated with: the PCI vendor"],
    ["2", "ffffffff-ffff-ffff-7fff-ffffffffffff", "no longer valid"],
    ["3", "00010203-0405-0607-0809-0a0b0c0d0e0f", "associated with: nobody"],
  ]);
  const { uuids } = json(UuidListTarget, UUID_LIST_IMAGE) as {
    uuids: readonly Record<string, unknown>[];
  };
  assertEquals(uuids.map(({ index, valid }) => [index, valid]), [[1, true], [2, false], [3, true]]);
});

Deno.test("SecondaryControllerListTarget shows both controllers", () => {
  assertEquals(rows(SecondaryControllerListTarget, SECONDARY_LIST_IMAGE), [
    ["0x0002", "0x0001", "online", "1", "4", "5"],
    ["0x0003", "0x0001", "offline", "2", "0", "0"],
  ]);
  const { secondary_controllers } = json(SecondaryControllerListTarget, SECONDARY_LIST_IMAGE) as {
    secondary_controllers: readonly unknown[];
  };
  assertEquals(secondary_controllers.length, 2);
});

Deno.test("CommandSetsTarget numbers the combinations", () => {
  assertEquals(rows(CommandSetsTarget, COMMAND_SETS_IMAGE), [
    ["0", "NVM"],
    ["1", "NVM, Zoned Namespace"],
  ]);
  const { combinations } = json(CommandSetsTarget, COMMAND_SETS_IMAGE) as {
    combinations: readonly Record<string, unknown>[];
  };
  assertEquals(combinations[1]?.["znscs"], true);
});
