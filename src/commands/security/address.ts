// How a security protocol is named, for both directions.

import { integer } from "../../cli/flags.ts";
import type { Fact } from "../../cli/report.ts";
import type { SecurityAddress } from "../../controller/security.ts";
import { UsageError } from "../../errors.ts";
import { codedJson, type JsonObject, nameOf } from "../../layout/mod.ts";
import { SECURITY_PROTOCOL_NAMES } from "../../spec/admin/security.ts";

const BYTE_MAX = 0xff;
const SPECIFIC_MAX = 0xffff;
const NSID_MAX = 0xffff_ffff;

/** The options that say which protocol, and which part of it. */
export const ADDRESS = {
  protocol: integer("Security protocol (SECP); required", { max: BYTE_MAX }),
  specific: integer("Its specific field (SPSP): a ComID of the TCG's protocols", {
    max: SPECIFIC_MAX,
  }),
  nssf: integer("NVMe security specific field: the target of protocol 0xea", { max: BYTE_MAX }),
  nsid: integer("Namespace; none unless the protocol wants one", { max: NSID_MAX }),
} as const;

interface AddressFlags {
  readonly protocol: number | undefined;
  readonly specific: number | undefined;
  readonly nssf: number | undefined;
  readonly nsid: number | undefined;
}

/** The protocol that the options name; UsageError where none is. */
export function addressOf({ protocol, ...rest }: AddressFlags): SecurityAddress {
  if (protocol !== undefined) return { protocol, ...rest };
  throw new UsageError("Cannot use a security protocol: --protocol is missing", {
    next: "nvmectl security receive --protocol 0 lists those of the drive",
  });
}

/** The protocol for a person. */
export function addressFacts({ protocol, specific = 0, nssf = 0 }: SecurityAddress): Fact[] {
  return [
    ["Protocol", `${hex(protocol, 2)}h  ${nameOf(SECURITY_PROTOCOL_NAMES, protocol)}`],
    ["Specific", `${hex(specific, 4)}h`],
    ...(nssf === 0 ? [] : [["NVMe specific", `${hex(nssf, 2)}h`] as const]),
  ];
}

/** The protocol for a machine. */
export function addressJson({ protocol, specific = 0, nssf = 0, nsid = 0 }: SecurityAddress) {
  return {
    protocol: codedJson(SECURITY_PROTOCOL_NAMES, protocol),
    specific,
    nssf,
    nsid,
  } satisfies JsonObject;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
