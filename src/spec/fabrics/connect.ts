// Connect and Disconnect: a queue is made, and taken down, over a fabric.

import {
  asciiz,
  at,
  bit,
  bits,
  bytes,
  hex,
  measured,
  milliseconds,
  type Names,
  range,
  reserved,
  struct,
  u16,
  u32,
  u8,
  zeroBasedCount,
} from "../../layout/mod.ts";

/** A controller identifier that leaves the choice to the subsystem [BASE-2.1 §6.3, Fig. 546]. */
export const ANY_CONTROLLER = 0xffff;
/** One that takes any controller of a static subsystem [BASE-2.1 §6.3, Fig. 546]. */
export const ANY_STATIC_CONTROLLER = 0xfffe;
/** The submission queue head that says that there is no flow control [BASE-2.1 §6.3, Fig. 547]. */
export const SQHD_NO_FLOW_CONTROL = 0xffff;

/** The priority class of a queue, for weighted round robin [BASE-2.1 §6.3, Fig. 545]. */
export const PRIORITY_NAMES: Names = { 0: "urgent", 1: "high", 2: "medium", 3: "low" };

/** Bytes 40 to 63 of a Connect command. */
export const ConnectFields = struct("Connect command fields", 24, "[BASE-2.1 §6.3, Fig. 545]", [
  at(0, 1, "recfmt", u16, "Record format"),
  at(2, 3, "qid", u16, "Queue identifier"),
  at(4, 5, "sqsize", zeroBasedCount(u16), "Submission queue size"),
  at(
    6,
    6,
    "cattr",
    bits(u8, {
      prioclass: range(1, 0, "priority", { names: PRIORITY_NAMES }),
      dissqfc: bit(2, "no submission queue flow control"),
      indivioqdels: bit(3, "deletes queues one by one"),
      connent: bit(4, "a discovery controller connects"),
    }),
    "Connect attributes",
  ),
  reserved(7, 7),
  at(8, 11, "kato", measured(u32, milliseconds), "Keep alive timeout"),
  at(12, 13, "nvmsetid", u16, "NVM set"),
  reserved(14, 23),
]);

/** Decoded bytes 40 to 63 of a Connect command. */
export type ConnectFields = ReturnType<typeof ConnectFields.decode>;

/** The data of a Connect command. */
export const ConnectData = struct("Connect Command Data", 1024, "[BASE-2.1 §6.3, Fig. 546]", [
  at(0, 15, "hostId", bytes(16), "Host identifier"),
  at(16, 17, "cntlid", hex(u16), "Controller identifier"),
  reserved(18, 255),
  at(256, 511, "subnqn", asciiz(256), "NVM subsystem qualified name"),
  at(512, 767, "hostnqn", asciiz(256), "Host qualified name"),
  reserved(768, 1023),
]);

/** The decoded data of a Connect command. */
export type ConnectData = ReturnType<typeof ConnectData.decode>;

/** Dword 0 of the response to a Connect that succeeded. */
export const ConnectAccepted = struct(
  "Connect response, accepted",
  4,
  "[BASE-2.1 §6.3, Fig. 548]",
  [
    at(0, 1, "cntlid", hex(u16), "Controller identifier"),
    at(
      2,
      3,
      "authreq",
      bits(u16, {
        atr: bit(1, "authentication required"),
        ascr: bit(2, "authentication and secure channel required"),
      }),
      "Authentication requirements",
    ),
  ],
);

/** Decoded dword 0 of a successful response. */
export type ConnectAccepted = ReturnType<typeof ConnectAccepted.decode>;

/** Dword 0 of the response whose status is Connect Invalid Parameters. */
export const ConnectRefused = struct(
  "Connect response, invalid parameters",
  4,
  "[BASE-2.1 §6.3, Fig. 548]",
  [
    at(0, 1, "ipo", u16, "Offset of the invalid parameter"),
    at(2, 2, "iattr", bits(u8, { inData: bit(0, "in the data") }), "Where the offset counts from"),
    reserved(3, 3),
  ],
);

/** Decoded dword 0 of a response about invalid parameters. */
export type ConnectRefused = ReturnType<typeof ConnectRefused.decode>;

/** Bytes 40 to 63 of a Disconnect command. */
export const DisconnectFields = struct(
  "Disconnect command fields",
  24,
  "[BASE-2.1 §6.4, Fig. 549]",
  [
    at(0, 1, "recfmt", u16, "Record format"),
    reserved(2, 23),
  ],
);

/** Decoded bytes 40 to 63 of a Disconnect command. */
export type DisconnectFields = ReturnType<typeof DisconnectFields.decode>;
