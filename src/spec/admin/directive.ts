// Directive Send and Directive Receive: directives as a whole, streams, data placement.

import {
  at,
  bit,
  bits,
  type Names,
  range,
  reserved,
  struct,
  u16,
  u32,
  u8,
  zeroBasedCount,
} from "../../layout/mod.ts";
import { bits32 } from "../words.ts";

/** The directives, by DTYPE [BASE-2.1 §8.1.8, Fig. 597]. */
export const DIRECTIVE = { identify: 0, streams: 1, dataPlacement: 2 } as const;

/** The names of the directives. */
export const DIRECTIVE_NAMES: Names = {
  [DIRECTIVE.identify]: "identify",
  [DIRECTIVE.streams]: "streams",
  [DIRECTIVE.dataPlacement]: "data placement",
};

/** Operations of Directive Receive, by DOPER [BASE-2.1 §8.1.8, Fig. 599]. */
export const DIRECTIVE_RECEIVE = {
  identifyParameters: 1,
  streamsParameters: 1,
  streamsStatus: 2,
  streamsAllocate: 3,
} as const;

/** Operations of Directive Send, by DOPER [BASE-2.1 §8.1.8, Fig. 604]. */
export const DIRECTIVE_SEND = {
  identifyEnable: 1,
  streamsReleaseIdentifier: 1,
  streamsReleaseResources: 2,
} as const;

/** Command dwords 10 and 11 of both commands. */
export const DirectiveDwords = struct(
  "Directive Send and Receive command dwords",
  8,
  "[BASE-2.1 §5.1.7, Fig. 180]",
  [
    at(0, 3, "numd", zeroBasedCount(u32), "Dwords"),
    at(
      4,
      7,
      "cdw11",
      bits32({
        doper: range(7, 0, "operation"),
        dtype: range(15, 8, "directive", { names: DIRECTIVE_NAMES }),
        dspec: range(31, 16, "directive specific"),
      }),
      "Command dword 11",
    ),
  ],
);

/** Decoded dwords of both commands. */
export type DirectiveDwords = ReturnType<typeof DirectiveDwords.decode>;

/** Command dword 12 of Directive Send, Enable Directive. */
export const EnableDirectiveDword = struct(
  "Enable Directive command dword 12",
  4,
  "[BASE-2.1 §8.1.8, Fig. 601]",
  [
    at(
      0,
      3,
      "cdw12",
      bits32({
        endir: bit(0, "enable"),
        tdtype: range(15, 8, "directive", { names: DIRECTIVE_NAMES }),
      }),
      "Command dword 12",
    ),
  ],
);

/** Decoded dword of Enable Directive. */
export type EnableDirectiveDword = ReturnType<typeof EnableDirectiveDword.decode>;

/** Command dword 12 of Directive Receive, Allocate Resources of streams. */
export const AllocateStreamsDword = struct(
  "Allocate Resources command dword 12",
  4,
  "[BASE-2.1 §8.1.8, Fig. 609]",
  [at(0, 3, "cdw12", bits32({ nsr: range(15, 0, "streams requested") }), "Command dword 12")],
);

/** Decoded dword of Allocate Resources. */
export type AllocateStreamsDword = ReturnType<typeof AllocateStreamsDword.decode>;

/** Dword 0 of the completion of Allocate Resources. */
export const AllocateStreamsResult = struct(
  "Allocate Resources, completion dword 0",
  4,
  "[BASE-2.1 §8.1.8, Fig. 610]",
  [at(0, 3, "dw0", bits32({ nsa: range(15, 0, "streams allocated") }), "Completion dword 0")],
);

/** Decoded dword 0 of the completion of Allocate Resources. */
export type AllocateStreamsResult = ReturnType<typeof AllocateStreamsResult.decode>;

const DIRECTIVES = bits(u8, {
  idd: bit(0, "identify"),
  sdd: bit(1, "streams"),
  dpd: bit(2, "data placement"),
});

/** What Identify, Return Parameters says of the directives of a namespace. */
export const DirectiveParameters = struct(
  "Identify Directive Return Parameters",
  4096,
  "[BASE-2.1 §8.1.8, Fig. 600]",
  [
    at(0, 0, "supported", DIRECTIVES, "Supported"),
    reserved(1, 31),
    at(32, 32, "enabled", DIRECTIVES, "Enabled"),
    reserved(33, 63),
    at(64, 64, "persistent", DIRECTIVES, "Persistent across resets"),
    reserved(65, 4095),
  ],
);

/** Decoded parameters of the directives. */
export type DirectiveParameters = ReturnType<typeof DirectiveParameters.decode>;

/** What Streams, Return Parameters says. */
export const StreamsParameters = struct(
  "Streams Directive Return Parameters",
  32,
  "[BASE-2.1 §8.1.8, Fig. 607]",
  [
    at(0, 1, "msl", u16, "Most streams"),
    at(2, 3, "nssa", u16, "NVM subsystem, available"),
    at(4, 5, "nsso", u16, "NVM subsystem, open"),
    at(6, 6, "nssc", bits(u8, { ssid: bit(0, "identifiers shared by hosts") }), "Capability"),
    reserved(7, 15),
    at(16, 19, "sws", u32, "Write size, blocks"),
    at(20, 21, "sgs", u16, "Granularity, write sizes"),
    at(22, 23, "nsa", u16, "Namespace, allocated"),
    at(24, 25, "nso", u16, "Namespace, open"),
    reserved(26, 31),
  ],
);

/** Decoded parameters of streams. */
export type StreamsParameters = ReturnType<typeof StreamsParameters.decode>;
