// What every Identify data structure that is a list decodes to, and how it shows itself.

import type { Struct } from "../../layout/mod.ts";
import { combinations, CommandSets, CommandSetVector } from "./command_sets.ts";
import {
  ControllerList,
  EnduranceGroupList,
  listedControllers,
  listedEnduranceGroups,
  listedNamespaces,
  NamespaceList,
} from "./identify_lists.ts";
import {
  decodeNamespaceDescriptors,
  descriptorJson,
  descriptorText,
  descriptorTypeText,
  type NamespaceDescriptor,
  NamespaceDescriptorHeader,
} from "./namespace_descriptors.ts";
import {
  DomainEntry,
  DomainList,
  GranularityDescriptor,
  GranularityList,
  listedDomains,
  listedGranularities,
  listedNvmSets,
  NvmSetEntry,
  NvmSetList,
} from "./resource_lists.ts";
import { type IdentifyTarget, listTarget } from "./target.ts";
import { listedUuids, UuidEntry, UuidList } from "./uuid_list.ts";
import {
  listedSecondaryControllers,
  SecondaryController,
  SecondaryControllerList,
} from "./virtualization.ts";

/** The fields of an entry as one row of a table. */
function fieldTexts<T extends object>(structure: Struct<T, unknown>, value: T): readonly string[] {
  return structure.fields(value).map(({ text }) => text);
}

/** The columns that `fieldTexts` fills. */
function fieldLabels(structure: Struct<object, unknown>): readonly string[] {
  return structure.rows.filter(({ name }) => name !== "").map(({ label }) => label);
}

/** Namespace List. */
export const NamespaceListTarget: IdentifyTarget<NamespaceList> = listTarget(NamespaceList, {
  entries: listedNamespaces,
  json: (list) => ({ namespaces: listedNamespaces(list) }),
  columns: ["Namespace"],
  row: (nsid) => [`${nsid}`],
});

/** Controller List. */
export const ControllerListTarget: IdentifyTarget<ControllerList> = listTarget(ControllerList, {
  entries: listedControllers,
  json: (list) => ({ controllers: listedControllers(list) }),
  columns: ["Controller"],
  row: (cntlid) => [`0x${cntlid.toString(16).padStart(4, "0")}`],
});

/** Endurance Group List. */
export const EnduranceGroupListTarget: IdentifyTarget<EnduranceGroupList> = listTarget(
  EnduranceGroupList,
  {
    entries: listedEnduranceGroups,
    json: (list) => ({ endurance_groups: listedEnduranceGroups(list) }),
    columns: ["Endurance group"],
    row: (endgid) => [`${endgid}`],
  },
);

/** Namespace Identification Descriptors. */
export const NamespaceDescriptorsTarget: IdentifyTarget<readonly NamespaceDescriptor[]> = {
  title: "Namespace Identification Descriptor List",
  cite: NamespaceDescriptorHeader.cite,
  structure: NamespaceDescriptorHeader,
  decode: decodeNamespaceDescriptors,
  json: (descriptors) => ({ descriptors: descriptors.map(descriptorJson) }),
  table: (descriptors) => ({
    columns: ["Type", "Identifier"],
    rows: descriptors.map((one) => [descriptorTypeText(one), descriptorText(one)]),
  }),
};

/** NVM Set List. */
export const NvmSetListTarget: IdentifyTarget<NvmSetList> = listTarget(NvmSetList, {
  entries: listedNvmSets,
  json: (list) => ({ nvm_sets: listedNvmSets(list).map((entry) => NvmSetEntry.json(entry)) }),
  columns: fieldLabels(NvmSetEntry),
  row: (entry) => fieldTexts(NvmSetEntry, entry),
});

/** Domain List. */
export const DomainListTarget: IdentifyTarget<DomainList> = listTarget(DomainList, {
  entries: listedDomains,
  json: (list) => ({ domains: listedDomains(list).map((entry) => DomainEntry.json(entry)) }),
  columns: fieldLabels(DomainEntry),
  row: (entry) => fieldTexts(DomainEntry, entry),
});

/** Namespace Granularity List. */
export const GranularityListTarget: IdentifyTarget<GranularityList> = listTarget(GranularityList, {
  entries: (list) =>
    listedGranularities(list).map((granularity, index) => ({ granularity, index })),
  json: (list) => ({
    per_lba_format: list.nga.gdm,
    granularities: listedGranularities(list).map((one) => GranularityDescriptor.json(one)),
  }),
  columns: ["Index", ...fieldLabels(GranularityDescriptor)],
  row: ({ granularity, index }) => [`${index}`, ...fieldTexts(GranularityDescriptor, granularity)],
});

/** UUID List. */
export const UuidListTarget: IdentifyTarget<UuidList> = listTarget(UuidList, {
  entries: listedUuids,
  json: (list) => ({
    uuids: listedUuids(list).map(({ index, entry, valid }) => ({
      index,
      valid,
      ...UuidEntry.json(entry),
    })),
  }),
  columns: ["Index", "UUID", "Notes"],
  row({ index, entry, valid }) {
    const [header = "", uuid = ""] = fieldTexts(UuidEntry, entry);
    return [`${index}`, uuid, valid ? header : "no longer valid"];
  },
});

/** Secondary Controller List. */
export const SecondaryControllerListTarget: IdentifyTarget<SecondaryControllerList> = listTarget(
  SecondaryControllerList,
  {
    entries: listedSecondaryControllers,
    json: (list) => ({
      secondary_controllers: listedSecondaryControllers(list)
        .map((entry) => SecondaryController.json(entry)),
    }),
    columns: fieldLabels(SecondaryController),
    row: (entry) => fieldTexts(SecondaryController, entry),
  },
);

/** Identify I/O Command Set. */
export const CommandSetsTarget: IdentifyTarget<CommandSets> = listTarget(CommandSets, {
  entries: (sets) => combinations(sets).map((vector, index) => ({ vector, index })),
  json: (sets) => ({
    combinations: combinations(sets).map((vector) => CommandSetVector.json(vector)),
  }),
  columns: ["Index", "Command sets"],
  row: ({ vector, index }) => [`${index}`, CommandSetVector.text(vector)],
});
