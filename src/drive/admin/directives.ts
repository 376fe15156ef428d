// Directive Send and Directive Receive: the Identify directive, and no other.

import {
  DIRECTIVE,
  DIRECTIVE_RECEIVE,
  DIRECTIVE_SEND,
  DirectiveParameters,
} from "../../spec/admin/directive.ts";
import { ADMIN_COMMANDS } from "../../spec/opcode.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import { has } from "../personality.ts";
import { done, type Handler, send } from "../pipeline/handler.ts";
import { checkTransferSize } from "../pipeline/transfer_size.ts";
import { inDword, refuse } from "../refusal.ts";

const TYPE_BIT = 8;

/** Directive Receive [BASE-2.1 §5.1.6]. */
export const DirectiveReceive: Handler = {
  opcode: ADMIN_COMMANDS.directiveReceive.opcode,
  nsid: "active",
  effects: { scope: "namespace" },
  supported: (personality) => has(personality, "directives"),
  execute(machine, { entry: { cdw10, cdw11 } }) {
    checkOperation(cdw11, DIRECTIVE_RECEIVE.identifyParameters);
    const length = (cdw10 + 1) * 4;
    checkTransferSize(machine, length, inDword(10));
    const parameters = DirectiveParameters.encode({
      supported: { idd: true },
      enabled: { idd: true },
    });
    return send(parameters.subarray(0, length));
  },
};

/** Directive Send [BASE-2.1 §5.1.7]: the Identify directive is enabled, and stays so. */
export const DirectiveSend: Handler = {
  opcode: ADMIN_COMMANDS.directiveSend.opcode,
  nsid: "active-or-all",
  effects: { scope: "namespace" },
  supported: (personality) => has(personality, "directives"),
  execute(_machine, { entry: { cdw11, cdw12 } }) {
    checkOperation(cdw11, DIRECTIVE_SEND.identifyEnable);
    const enables = (cdw12 & 1) === 1;
    const type = (cdw12 >>> TYPE_BIT) & 0xff;
    if (type !== DIRECTIVE.identify) refuse(GENERIC.invalidField, { location: inDword(12, 8) });
    if (!enables) refuse(GENERIC.invalidField, { location: inDword(12) });
    return done();
  },
};

/** Refuses other directives, and other operations of this one [BASE-2.1 §8.1.8]. */
function checkOperation(cdw11: number, operation: number): void {
  if (((cdw11 >>> TYPE_BIT) & 0xff) !== DIRECTIVE.identify) {
    refuse(GENERIC.invalidField, { location: inDword(11, TYPE_BIT) });
  }
  if ((cdw11 & 0xff) !== operation) refuse(GENERIC.invalidField, { location: inDword(11) });
}
