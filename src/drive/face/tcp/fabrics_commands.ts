// The commands of the fabric itself: opcode 7Fh, told apart by their command type.

import { ConnectAccepted, DisconnectFields } from "../../../spec/fabrics/connect.ts";
import {
  PROPERTY_SIZE,
  PropertyGetFields,
  PropertyGetValue,
  PropertySetFields,
} from "../../../spec/fabrics/property.ts";
import { ADMIN_COMMANDS, FABRICS_COMMANDS } from "../../../spec/opcode.ts";
import { FABRICS } from "../../../spec/status/fabrics.ts";
import { GENERIC } from "../../../spec/status/generic.ts";
import { done, type Handler, receive } from "../../pipeline/handler.ts";
import { inDword, refuse } from "../../refusal.ts";
import { isFabricsProperty } from "../../registers.ts";
import type { VirtualController } from "../../controller.ts";
import type { Association } from "./association.ts";
import { commandFields } from "./connect.ts";

/** The opcode of all Fabrics commands [BASE-2.1 §6, Fig. 539]. */
export const FABRICS_OPCODE: number = ADMIN_COMMANDS.fabrics.opcode;
/** Bytes of a Connect command's data. */
export const CONNECT_DATA_BYTES = 1024;

const COMMON = {
  opcode: FABRICS_OPCODE,
  nsid: "own",
  effects: { scope: "controller" },
} as const;

const PROPERTY_TAPS = {
  decode: "fabrics:property:decode",
  writeback: "fabrics:property:writeback",
} as const;

/** Connect: `admit` lets the host in, by the command and its data, or throws Refusal. */
export function connectHandler(
  admit: (command: Parameters<Handler["execute"]>[1]["entry"], data: Uint8Array) => Association,
): Handler {
  return {
    ...COMMON,
    taps: { decode: "fabrics:connect:decode", writeback: "fabrics:connect:writeback" },
    execute: (_machine, { entry }) =>
      receive({ data: CONNECT_DATA_BYTES, metadata: 0 }, ({ data }) => {
        const { controller } = admit(entry, data).controller;
        const accepted = ConnectAccepted.encode({ cntlid: controller.id });
        return done(new DataView(accepted.buffer).getUint32(0, true));
      }),
  };
}

/** Property Get [BASE-2.1 §6.5]. */
function propertyGet(controller: VirtualController): Handler {
  return {
    ...COMMON,
    taps: PROPERTY_TAPS,
    execute(_machine, { entry }) {
      const { attrib, ofst } = PropertyGetFields.decode(commandFields(entry));
      const width = widthOf(attrib.size, ofst);
      const bytes = PropertyGetValue.encode({ value: controller.registers.read(ofst, width) });
      const view = new DataView(bytes.buffer);
      return { kind: "done", dw0: view.getUint32(0, true), dw1: view.getUint32(4, true) };
    },
  };
}

/** Property Set [BASE-2.1 §6.6]. */
function propertySet(association: Association): Handler {
  return {
    ...COMMON,
    taps: PROPERTY_TAPS,
    execute(_machine, { entry }) {
      const { attrib, ofst, value } = PropertySetFields.decode(commandFields(entry));
      association.controller.registers.write(ofst, widthOf(attrib.size, ofst), value);
      association.configured();
      return done();
    },
  };
}

function widthOf(size: number, offset: number): 4 | 8 {
  const width = size === PROPERTY_SIZE.eightBytes ? 8 : 4;
  if (size > PROPERTY_SIZE.eightBytes) refuse(GENERIC.invalidField, { location: inDword(10) });
  if (!isFabricsProperty(offset, width)) refuse(GENERIC.invalidField, { location: inDword(11) });
  return width;
}

/** Disconnect [BASE-2.1 §6.4]: an I/O queue goes; the connection ends with its response. */
const DISCONNECT: Handler = {
  ...COMMON,
  execute(_machine, { entry, sqid }) {
    const { recfmt } = DisconnectFields.decode(commandFields(entry));
    if (recfmt !== 0) refuse(FABRICS.format);
    if (sqid === 0) refuse(FABRICS.queueType);
    return done();
  },
};

/** A second Connect on a queue that has been created. */
const CONNECTED: Handler = {
  ...COMMON,
  execute: () => refuse(GENERIC.sequenceError, { unlogged: true }),
};

/** Nobody has to authenticate here, so nobody can; and what is unknown is as unknown. */
const UNKNOWN: Handler = {
  ...COMMON,
  execute: () => refuse(GENERIC.invalidOpcode, { location: inDword(1) }),
};

/** The Fabrics commands of a queue by their command type. */
export function fabricsCommands(
  association: Association,
  qid: number,
): (type: number) => Handler {
  const { propertyGet: get, propertySet: set, connect, disconnect } = FABRICS_COMMANDS;
  const handlers = new Map<number, Handler>([
    [connect.opcode, CONNECTED],
    [disconnect.opcode, DISCONNECT],
    ...(qid === 0
      ? [
        [get.opcode, propertyGet(association.controller)],
        [set.opcode, propertySet(association)],
      ] as const
      : []),
  ]);
  return (type) => handlers.get(type) ?? UNKNOWN;
}
