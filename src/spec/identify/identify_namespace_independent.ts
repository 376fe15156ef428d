// Identify Namespace independent of the command set (CNS 08h, 1Fh): what every namespace has.

import { at, bit, bits, range, reserved, struct, u16, u32, u8 } from "../../layout/mod.ts";
import { worded } from "./codecs.ts";
import { FPI, KPIOS, NMIC, NSATTR, RESCAP } from "./namespace_fields.ts";

const NSFEAT = bits(u8, {
  uidreuse: bit(3, "NGUID and EUI64 are never reused"),
  rmedia: bit(4, "rotational media"),
  vwcnp: bit(5, "no volatile write cache"),
});

const IMPACT_NAMES: Readonly<Record<number, string>> = {
  0: "not reported",
  2: "not degraded",
  3: "degraded",
};

const NSTAT = worded(
  bits(u8, {
    nrdy: bit(0, "ready"),
    ioi: range(2, 1, "I/O performance", { names: IMPACT_NAMES }),
  }),
  ({ nrdy, ioi }) => {
    const ready = nrdy ? "ready" : "not ready";
    return ioi === 0 ? ready : `${ready}, I/O performance ${IMPACT_NAMES[ioi] ?? "reserved"}`;
  },
);

/** The I/O Command Set Independent Identify Namespace data structure. */
export const IdentifyNamespaceIndependent = struct(
  "I/O Command Set Independent Identify Namespace",
  4096,
  "[BASE-2.1 §5.1.13.2.8, Fig. 319]",
  [
    at(0, 0, "nsfeat", NSFEAT, "Features", { brief: true }),
    at(1, 1, "nmic", NMIC, "Sharing", { brief: true }),
    at(2, 2, "rescap", RESCAP, "Reservations"),
    at(3, 3, "fpi", FPI, "Format progress"),
    at(4, 7, "anagrpid", u32, "ANA group identifier"),
    at(8, 8, "nsattr", NSATTR, "Attributes", { brief: true }),
    reserved(9, 9),
    at(10, 11, "nvmsetid", u16, "NVM set identifier"),
    at(12, 13, "endgid", u16, "Endurance group identifier"),
    at(14, 14, "nstat", NSTAT, "Status", { brief: true }),
    at(15, 15, "kpios", KPIOS, "Key per I/O", { since: "2.1" }),
    at(16, 17, "maxkt", u16, "Highest key tag", { since: "2.1" }),
    reserved(18, 19),
    at(20, 23, "rgrpid", u32, "Reachability group identifier", { since: "2.1" }),
    reserved(24, 4095),
  ],
);

/** A decoded I/O Command Set Independent Identify Namespace data structure. */
export type IdentifyNamespaceIndependent = ReturnType<typeof IdentifyNamespaceIndependent.decode>;
