// Sanitize.

import { SANITIZE_ACTION } from "../../spec/admin/sanitize.ts";
import { ADMIN_COMMANDS } from "../../spec/opcode.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import { currentValue } from "../feature/feature.ts";
import { featureOf } from "../feature/table.ts";
import type { Machine } from "../machine.ts";
import { pendingActivation } from "../model/firmware.ts";
import {
  exitSanitizeFailure,
  exitVerification,
  hasSanitizeFailed,
  SANITIZE_STATE,
  sanitizeCapabilities,
  startSanitize,
} from "../model/sanitize.ts";
import { has } from "../personality.ts";
import { done, type Handler } from "../pipeline/handler.ts";
import { inDword, refuse } from "../refusal.ts";

const AUSE_BIT = 3;
const NDAS_BIT = 9;
const EMVS_BIT = 10;
/** The Sanitize Config feature, and its bit that takes No-Deallocate with a warning only. */
const SANITIZE_CONFIG = 0x17;
const NODRM = 1;

const { restrictedProcessing, unrestrictedProcessing, deallocation } = SANITIZE_STATE;

/** Sanitize [BASE-2.1 §5.1.22]; what is possible when is §8.1.24.3. */
export const Sanitize: Handler = {
  opcode: ADMIN_COMMANDS.sanitize.opcode,
  nsid: "unused",
  effects: { blockContent: true, execution: 2, scope: "subsystem" },
  supported: (personality) => has(personality, "sanitize"),
  execute(machine, { entry: { cdw10, cdw11 } }) {
    const action = cdw10 & 7;
    checkState(machine, cdw10);
    switch (action) {
      case SANITIZE_ACTION.exitFailure:
        exitSanitizeFailure(machine);
        return done();
      case SANITIZE_ACTION.exitVerification:
        exitVerification(machine, false);
        return done();
    }
    checkKind(machine, action);
    checkOptions(machine, cdw10);
    checkDrive(machine);
    startSanitize(machine, cdw10, cdw11);
    return done();
  },
};

/** Which actions the state of the last operation leaves. */
function checkState({ state: { sanitize } }: Machine, cdw10: number): void {
  const action = cdw10 & 7;
  const { state } = sanitize;
  if (
    state === restrictedProcessing || state === unrestrictedProcessing || state === deallocation
  ) {
    refuse(GENERIC.sanitizeInProgress);
  }
  const verifying = state === SANITIZE_STATE.verification;
  if (verifying !== (action === SANITIZE_ACTION.exitVerification)) {
    refuse(GENERIC.invalidField, { location: inDword(10) });
  }
  if (state !== SANITIZE_STATE.restrictedFailure) return;
  // What failed in restricted mode is only mended by an operation in restricted mode.
  const unrestricted = ((cdw10 >>> AUSE_BIT) & 1) === 1;
  if (action === SANITIZE_ACTION.exitFailure || unrestricted) refuse(GENERIC.sanitizeFailed);
}

function checkKind({ personality, state }: Machine, action: number): void {
  const { bes, ows, ces } = sanitizeCapabilities(personality);
  const possible = (action === SANITIZE_ACTION.blockErase && bes) ||
    (action === SANITIZE_ACTION.overwrite && ows) ||
    (action === SANITIZE_ACTION.cryptoErase && ces);
  if (possible) return;
  const known = action >= SANITIZE_ACTION.blockErase && action <= SANITIZE_ACTION.cryptoErase;
  if (hasSanitizeFailed(state) && !known) refuse(GENERIC.sanitizeFailed);
  refuse(GENERIC.invalidField, { location: inDword(10) });
}

function checkOptions(machine: Machine, cdw10: number): void {
  const { vers, ndi } = sanitizeCapabilities(machine.personality);
  const verify = ((cdw10 >>> EMVS_BIT) & 1) === 1;
  const keep = ((cdw10 >>> NDAS_BIT) & 1) === 1;
  if (verify && (!vers || keep || (cdw10 & 7) === SANITIZE_ACTION.overwrite)) {
    refuse(GENERIC.invalidField, { location: inDword(10, EMVS_BIT) });
  }
  if (keep && ndi && !onlyWarns(machine)) {
    refuse(GENERIC.invalidField, { location: inDword(10, NDAS_BIT) });
  }
}

/** What happens to a wish that the drive cannot grant [BASE-2.1 §5.1.25.1.15]. */
function onlyWarns(machine: Machine): boolean {
  const feature = featureOf(machine.personality, SANITIZE_CONFIG);
  return feature?.kind === "word" && (currentValue(machine, feature) & NODRM) !== 0;
}

function checkDrive(machine: Machine): void {
  const isProtected = machine.drive.store.allocated().some(({ state }) => state.writeProtection);
  if (isProtected) refuse(GENERIC.writeProtected);
  const pending = pendingActivation(machine.state);
  if (pending) refuse(pending);
}
