// What a namespace says of itself: CNS 00h, 05h and 08h.

import { IdentifyNamespace } from "../../spec/identify/identify_namespace.ts";
import {
  IdentifyNamespaceIndependent,
} from "../../spec/identify/identify_namespace_independent.ts";
import { NvmNamespace } from "../../spec/identify/identify_namespace_nvm.ts";
import { formatsExtended } from "../feature/data_features.ts";
import { ENDURANCE_GROUP } from "../feature/management_features.ts";
import type { Machine } from "../machine.ts";
import { formatRemaining } from "../model/format.ts";
import type { Namespace } from "../namespace.ts";
import { copyLimits } from "../nvm/copy.ts";
import { isWriteProtected } from "../nvm/blocks.ts";
import { has, type Personality } from "../personality.ts";
import { encodeFor } from "../version.ts";
import { namespaceIdentity } from "./identity.ts";

type NamespaceInput = Parameters<typeof IdentifyNamespace.encode>[0];

/** Formats that a host sees which did not enable more [NVM-1.1 §4.1.3.6.1]. */
const PLAIN_FORMATS = 16;

/** The Identify Namespace data structure. */
export function identifyNamespace(machine: Machine, namespace: Namespace): Uint8Array {
  const { personality } = machine;
  return encodeFor(IdentifyNamespace, personality.version, {
    ...size(namespace),
    ...format(namespace, personality),
    ...formats(machine),
    nsfeat: { dae: true, uidreuse: personality.version >= 0x010300 },
    fpi: {
      fpis: has(personality, "format"),
      rfnvm: formatRemaining(machine, namespace.nsid),
    },
    ...copying(personality),
    nsattr: { cwp: isWriteProtected(namespace) },
    dlfeat: { drb: 1, wzds: has(personality, "write-zeroes") },
    ...groupsOf(personality, namespace),
    ...namespaceIdentity(personality, namespace.state),
  });
}

/**
 * The Identify Namespace data structure of no namespace: what all have in common, for a host that
 * wants to create one [NVM-1.1 §4.1.5.1].
 */
export function identifyNamespaceCommon(machine: Machine): Uint8Array {
  const { personality } = machine;
  return encodeFor(IdentifyNamespace, personality.version, {
    ...possible(personality),
    ...formats(machine),
    nsfeat: { dae: true, uidreuse: personality.version >= 0x010300 },
    fpi: { fpis: has(personality, "format") },
    ...copying(personality),
    dlfeat: { drb: 1, wzds: has(personality, "write-zeroes") },
  });
}

/** What a namespace belongs to, in both structures that say so. */
function groupsOf(
  { ana, enduranceGroup }: Personality,
  { state: { shared = false, anaGroup = 1 } }: Namespace,
): Pick<NamespaceInput, "anagrpid" | "endgid"> & { readonly nmic: { readonly shrns: boolean } } {
  return {
    nmic: { shrns: shared },
    anagrpid: ana ? anaGroup : 0,
    endgid: enduranceGroup ? ENDURANCE_GROUP : 0,
  };
}

/** The Identify Namespace data structure of the NVM Command Set: nothing but 16-bit guards. */
export function identifyNamespaceNvm({ personality }: Machine): Uint8Array {
  return encodeFor(NvmNamespace, personality.version, {});
}

/** The Identify Namespace data structure that is independent of the command set. */
export function identifyNamespaceIndependent(
  machine: Machine,
  namespace: Namespace,
): Uint8Array {
  const { personality } = machine;
  return encodeFor(IdentifyNamespaceIndependent, personality.version, {
    nsfeat: { uidreuse: true, vwcnp: !personality.writeCache },
    fpi: {
      fpis: has(personality, "format"),
      rfnvm: formatRemaining(machine, namespace.nsid),
    },
    nsattr: { cwp: isWriteProtected(namespace) },
    ...groupsOf(personality, namespace),
    nstat: { nrdy: true },
  });
}

/** How much one Copy may copy. */
function copying(personality: Personality): NamespaceInput {
  if (!has(personality, "copy")) return {};
  const { rangeBlocks, blocks, ranges } = copyLimits(personality);
  return { mssrl: rangeBlocks, mcl: blocks, msrc: ranges - 1 };
}

function size({ blocks, media, state }: Namespace): NamespaceInput {
  return {
    nsze: blocks,
    ncap: blocks,
    nuse: media.allocatedBlocks,
    nvmcap: state.capacityBytes,
  };
}

function format({ state }: Namespace, personality: Personality): NamespaceInput {
  return {
    ...possible(personality),
    flbas: {
      fidxl: state.format & 0xf,
      fidxu: state.format >>> 4,
      mtelba: state.metadataInline,
    },
    dps: { pit: state.protection, pip: state.protectionFirst },
  };
}

/** Which metadata and protection information a namespace may have. */
function possible({ formatting }: Personality): NamespaceInput {
  return {
    mc: {
      mtelbas: formatting.metadata.includes("inline"),
      mtsbs: formatting.metadata.includes("separate"),
    },
    dpc: {
      pit1s: formatting.protection.includes(1),
      pit2s: formatting.protection.includes(2),
      pit3s: formatting.protection.includes(3),
      piifb: formatting.protectionAt.includes("first"),
      piilb: formatting.protectionAt.includes("last"),
    },
  };
}

function formats(machine: Machine): NamespaceInput {
  const all = machine.personality.formats;
  const shown = formatsExtended(machine) ? all : all.slice(0, PLAIN_FORMATS);
  return {
    nlbaf: shown.length - 1,
    lbaf: shown.map(({ dataBytes, metadataBytes, performance }) => ({
      ms: metadataBytes,
      lbads: Math.log2(dataBytes),
      rp: performance,
    })),
  };
}
