// The lists that Identify returns of things other than namespaces.

import { COMMAND_SET } from "../../spec/identify/command_sets.ts";
import { encodeEnduranceGroupList } from "../../spec/identify/identify_lists.ts";
import { GranularityList } from "../../spec/identify/resource_lists.ts";
import { UuidList } from "../../spec/identify/uuid_list.ts";
import { COMMAND_SPECIFIC } from "../../spec/status/command_specific.ts";
import { formatsExtended } from "../feature/data_features.ts";
import { ENDURANCE_GROUP } from "../feature/management_features.ts";
import type { Machine } from "../machine.ts";
import { inDword, refuse } from "../refusal.ts";

/** Formats that a host sees which did not enable more [NVM-1.1 §4.1.3.6.1]. */
const PLAIN_FORMATS = 16;

/**
 * The Namespace Granularity List [NVM-1.1 §4.1.5.8]: one descriptor for all formats, or one for
 * each where blocks of some format do not fill the granularity.
 */
export function granularityList(machine: Machine, { csi }: { readonly csi: number }): Uint8Array {
  if (csi !== COMMAND_SET.nvm) {
    refuse(COMMAND_SPECIFIC.commandSetInvalid, { location: inDword(11, 24) });
  }
  const { formats, granularityBytes = 0 } = machine.personality;
  const shown = formatsExtended(machine) ? formats : formats.slice(0, PLAIN_FORMATS);
  const descriptors = shown.map(({ dataBytes, metadataBytes }) => {
    const bytes = blocksFilling(granularityBytes, dataBytes + metadataBytes) * dataBytes;
    return { nsg: bytes, ncg: bytes };
  });
  const same = descriptors.every(({ nsg }) => nsg === descriptors[0]?.nsg);
  const listed = same ? descriptors.slice(0, 1) : descriptors;
  return GranularityList.encode({ nga: { gdm: !same }, nd: listed.length - 1, ngd: listed });
}

function blocksFilling(granularity: number, blockBytes: number): number {
  return Math.floor(granularity / blockBytes);
}

/** The UUID List [BASE-2.1 §5.1.13.2.14]. */
export function uuidList({ personality: { uuids = [] } }: Machine): Uint8Array {
  return UuidList.encode({
    entries: uuids.map((uuid) => ({
      uuid: Uint8Array.fromHex(uuid.replaceAll("-", "")),
      uleh: { idassoc: 0 },
    })),
  });
}

/** The Endurance Group List, from `identifier` on [BASE-2.1 §5.1.13.2.16]. */
export function enduranceGroupList(
  { personality: { enduranceGroup } }: Machine,
  { identifier }: { readonly identifier: number },
): Uint8Array {
  const groups = enduranceGroup && identifier <= ENDURANCE_GROUP ? [ENDURANCE_GROUP] : [];
  return encodeEnduranceGroupList(groups);
}
