// Format NVM: a new block format, and nothing left of what was stored.

import { ADMIN_COMMANDS } from "../../spec/opcode.ts";
import { COMMAND_SPECIFIC } from "../../spec/status/command_specific.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import { MEDIA } from "../../spec/status/media.ts";
import { formatsExtended } from "../feature/data_features.ts";
import type { Machine } from "../machine.ts";
import { isReadOnly } from "../model/health.ts";
import { settleFormats, startFormat } from "../model/format.ts";
import { abortSelfTest, SELF_TEST_RESULT } from "../model/self_test.ts";
import { wakeAt } from "../model/wake.ts";
import type { FormatSettings, Namespace } from "../namespace.ts";
import { has, type LbaFormat } from "../personality.ts";
import type { Exchange } from "../pipeline/exchange.ts";
import { done, type Handler, type Outcome, WAITING } from "../pipeline/handler.ts";
import { IN_NSID, inDword, refuse } from "../refusal.ts";

/** Secure Erase Settings [BASE-2.1 §5.1.10, Fig. 189]. */
const SECURE_ERASE = { none: 0, userData: 1, cryptographic: 2 } as const;
/** Formats that can be named without the LBA format extension. */
const PLAIN_FORMATS = 16;
/** Bytes of protection information with a 16-bit guard [NVM-1.1 §5.3]. */
const PROTECTION_BYTES = 8;

/** Format NVM [BASE-2.1 §5.1.10] and [NVM-1.1 §4.1.2]. */
export const FormatNvm: Handler = {
  opcode: ADMIN_COMMANDS.formatNvm.opcode,
  nsid: "own",
  effects: { blockContent: true, namespaceCapability: true, execution: 1, scope: "namespace" },
  supported: (personality) => has(personality, "format"),
  execute(machine, exchange) {
    const { cdw10, nsid } = exchange.entry;
    const secureErase = (cdw10 >>> 9) & 0x7;
    const scope = scopeOf(machine, nsid, secureErase);
    const settings = settingsOf(machine, cdw10);
    checkSecureErase(machine, secureErase);
    const namespaces = scope === "subsystem"
      ? machine.namespaces.allocated()
      : scope === "attached"
      ? machine.namespaces.active()
      : [checkNamespace(machine, nsid)];
    // A drive whose media cannot be written any more cannot be formatted either.
    if (isReadOnly(machine)) refuse(MEDIA.writeFault);
    if (namespaces.some(({ state }) => state.writeProtection)) refuse(GENERIC.writeProtected);
    if (endsSelfTest(machine, scope, nsid)) {
      abortSelfTest(machine, SELF_TEST_RESULT.abortedByFormat);
    }
    return begin(machine, exchange, { namespaces, settings });
  },
};

/** Starts the format. A drive without timers has nobody who would end it, and formats at once. */
function begin(
  machine: Machine,
  { sqid, entry: { cid, nsid, cdw10 } }: Exchange,
  { namespaces, settings }: {
    readonly namespaces: readonly Namespace[];
    readonly settings: FormatSettings;
  },
): Outcome {
  const { drive, personality, controller, now } = machine;
  const durationMs = drive.timed ? personality.formatMs ?? 0 : 0;
  const nsids = namespaces.map((namespace) => namespace.nsid);
  const command = { nsid, cdw10, controller: controller.id, sqid, cid };
  startFormat(machine, { ...command, nsids, settings, startedAt: now(), durationMs });
  if (durationMs === 0) return done();
  wakeAt(drive, now() + durationMs, () => settleFormats(machine));
  return WAITING;
}

/** Which namespaces the command is about: one, the attached ones, or all that exist. */
type Scope = "one" | "attached" | "subsystem";

/** The scope of the command [BASE-2.1 §5.1.10, Fig. 188]. */
function scopeOf(
  { namespaces, personality: { formatting } }: Machine,
  nsid: number,
  secureErase: number,
): Scope {
  const kind = namespaces.kindOf(nsid);
  if (kind === "zero" || kind === "invalid") {
    refuse(GENERIC.invalidNamespace, { location: IN_NSID });
  }
  if (kind === "unallocated" || (kind === "broadcast" && !formatting.broadcast)) {
    refuse(GENERIC.invalidField, { location: IN_NSID });
  }
  const everything = secureErase === SECURE_ERASE.none
    ? formatting.formatsAll
    : formatting.erasesAll;
  if (everything) return "subsystem";
  return kind === "broadcast" ? "attached" : "one";
}

/** The settings of the command, or of one that would format a namespace. Throws Refusal. */
export function settingsOf(machine: Machine, cdw10: number): FormatSettings {
  const { formats, formatting } = machine.personality;
  const index = (cdw10 & 0xf) | (formatsExtended(machine) ? (cdw10 >>> 8) & 0x30 : 0);
  const format = formats[index] ?? refuse(COMMAND_SPECIFIC.format, { location: inDword(10) });
  const metadataInline = format.metadataBytes > 0 && (cdw10 & 0x10) !== 0;
  if (
    format.metadataBytes > 0 &&
    !formatting.metadata.includes(metadataInline ? "inline" : "separate")
  ) {
    refuse(COMMAND_SPECIFIC.format, { location: inDword(10, 4) });
  }
  const protectionFirst = (cdw10 & 0x100) !== 0;
  const protection = protectionOf(machine, format, { type: (cdw10 >>> 5) & 0x7, protectionFirst });
  return {
    format: index,
    metadataInline,
    protection,
    protectionFirst: protection !== 0 && protectionFirst,
  };
}

function protectionOf(
  { personality: { formatting } }: Machine,
  { metadataBytes }: LbaFormat,
  { type, protectionFirst }: { readonly type: number; readonly protectionFirst: boolean },
): 0 | 1 | 2 | 3 {
  if (type === 0) return 0;
  if (type > 3) refuse(GENERIC.invalidField, { location: inDword(10, 5) });
  const known = formatting.protection.find((offered) => offered === type);
  if (known === undefined || metadataBytes < PROTECTION_BYTES) {
    refuse(COMMAND_SPECIFIC.format, { location: inDword(10, 5) });
  }
  if (!formatting.protectionAt.includes(protectionFirst ? "first" : "last")) {
    refuse(COMMAND_SPECIFIC.format, { location: inDword(10, 8) });
  }
  return known;
}

function checkSecureErase({ personality: { formatting } }: Machine, setting: number): void {
  const possible = setting === SECURE_ERASE.none || setting === SECURE_ERASE.userData ||
    (setting === SECURE_ERASE.cryptographic && formatting.cryptoErase);
  if (!possible) refuse(GENERIC.invalidField, { location: inDword(10, 9) });
}

/** A namespace in a format that the host has not enabled stays as it is [NVM-1.1 §4.1.3.6.1]. */
function checkNamespace(machine: Machine, nsid: number): Namespace {
  const namespace = machine.namespaces.find(nsid);
  if (!namespace) refuse(GENERIC.invalidNamespace, { location: IN_NSID });
  if (namespace.state.format >= PLAIN_FORMATS && !formatsExtended(machine)) {
    refuse(GENERIC.invalidNamespace, { location: IN_NSID });
  }
  return namespace;
}

/** Whether the format ends the self-test that runs [BASE-2.1 §8.1.7, Fig. 596]. */
function endsSelfTest({ state: { selfTest } }: Machine, scope: Scope, nsid: number): boolean {
  if (!selfTest) return false;
  if (scope === "subsystem") return true;
  // A self-test of the controller alone goes on.
  if (selfTest.nsid === 0) return false;
  return scope === "attached" || selfTest.nsid === nsid || selfTest.nsid === 0xffffffff;
}
