// What a namespace says of itself: CNS 00h, 05h and 08h.

import { IdentifyNamespace } from "../../spec/identify/identify_namespace.ts";
import {
  IdentifyNamespaceIndependent,
} from "../../spec/identify/identify_namespace_independent.ts";
import { NvmNamespace } from "../../spec/identify/identify_namespace_nvm.ts";
import { formatsExtended } from "../feature/data_features.ts";
import type { Machine } from "../machine.ts";
import type { Namespace } from "../namespace.ts";
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
    fpi: { fpis: has(personality, "format") },
    dlfeat: { drb: 1, wzds: has(personality, "write-zeroes") },
    ...namespaceIdentity(personality, namespace.nsid),
  });
}

/** The Identify Namespace data structure of the NVM Command Set: nothing but 16-bit guards. */
export function identifyNamespaceNvm({ personality }: Machine): Uint8Array {
  return encodeFor(NvmNamespace, personality.version, {});
}

/** The Identify Namespace data structure that is independent of the command set. */
export function identifyNamespaceIndependent({ personality }: Machine): Uint8Array {
  return encodeFor(IdentifyNamespaceIndependent, personality.version, {
    nsfeat: { uidreuse: true, vwcnp: !personality.writeCache },
    fpi: { fpis: has(personality, "format") },
    nstat: { nrdy: true },
  });
}

function size({ blocks, media, state }: Namespace): NamespaceInput {
  return {
    nsze: blocks,
    ncap: blocks,
    nuse: media.allocatedBlocks,
    nvmcap: state.capacityBytes,
  };
}

function format({ state }: Namespace, { formatting }: Personality): NamespaceInput {
  return {
    flbas: {
      fidxl: state.format & 0xf,
      fidxu: state.format >>> 4,
      mtelba: state.metadataInline,
    },
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
    dps: { pit: state.protection, pip: state.protectionFirst },
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
