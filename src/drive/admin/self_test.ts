// Device Self-test.

import { SELF_TEST_CODE } from "../../spec/admin/self_test.ts";
import { ADMIN_COMMANDS } from "../../spec/opcode.ts";
import { COMMAND_SPECIFIC } from "../../spec/status/command_specific.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import type { Machine } from "../machine.ts";
import { abortSelfTest, SELF_TEST_RESULT, selfTestMs, startSelfTest } from "../model/self_test.ts";
import { has } from "../personality.ts";
import { done, type Handler } from "../pipeline/handler.ts";
import { IN_NSID, inDword, refuse } from "../refusal.ts";

/** Device Self-test [BASE-2.1 §5.1.5]; what happens when is its Figure 173. */
export const DeviceSelfTest: Handler = {
  opcode: ADMIN_COMMANDS.deviceSelfTest.opcode,
  nsid: "own",
  effects: { scope: "subsystem" },
  supported: (personality) => has(personality, "self-test"),
  execute(machine, { entry: { cdw10, nsid } }) {
    const code = cdw10 & 0xf;
    checkNsid(machine, nsid);
    if (code === SELF_TEST_CODE.abort) {
      abortSelfTest(machine, SELF_TEST_RESULT.abortedByCommand);
      return done();
    }
    const durationMs = selfTestMs(machine.personality, code) ??
      refuse(GENERIC.invalidField, { location: inDword(10) });
    if (machine.state.selfTest) refuse(COMMAND_SPECIFIC.selfTestInProgress);
    startSelfTest(machine, { code, nsid, durationMs });
    return done();
  },
};

/** Zero is the controller alone, FFFFFFFFh all active namespaces [BASE-2.1 §5.1.5, Fig. 170]. */
function checkNsid({ namespaces }: Machine, nsid: number): void {
  switch (namespaces.kindOf(nsid)) {
    case "invalid":
      return refuse(GENERIC.invalidNamespace, { location: IN_NSID });
    case "inactive":
    case "unallocated":
      return refuse(GENERIC.invalidField, { location: IN_NSID });
  }
}
