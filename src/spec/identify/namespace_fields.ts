// Fields that every Identify Namespace data structure has, whatever the command set
// [BASE-2.1 §5.1.13.2.8, Fig. 319].

import { bit, bits, range, u8 } from "../../layout/mod.ts";
import { worded } from "./codecs.ts";

/** Namespace Multi-path I/O and Namespace Sharing Capabilities. */
export const NMIC = worded(
  bits(u8, {
    shrns: bit(0, "shared"),
    disns: bit(1, "dispersed"),
  }),
  ({ shrns, disns }) => disns ? "shared, dispersed" : shrns ? "shared" : "private",
);

/** Reservation Capabilities. */
export const RESCAP = bits(u8, {
  ptpls: bit(0, "persist through power loss"),
  wes: bit(1, "write exclusive"),
  eas: bit(2, "exclusive access"),
  weros: bit(3, "write exclusive (registrants only)"),
  earos: bit(4, "exclusive access (registrants only)"),
  wears: bit(5, "write exclusive (all registrants)"),
  eaars: bit(6, "exclusive access (all registrants)"),
  ieks: bit(7, "ignores the existing key as revision 1.3 says"),
});

/** Format Progress Indicator. */
export const FPI = worded(
  bits(u8, {
    rfnvm: range(6, 0, "percent remaining"),
    fpis: bit(7, "supported"),
  }),
  ({ rfnvm, fpis }) => {
    if (!fpis) return "not supported";
    return rfnvm === 0 ? "no format in progress" : `${rfnvm} % remaining`;
  },
);

/** Namespace Attributes. */
export const NSATTR = bits(u8, { cwp: bit(0, "write protected") });

/** Key Per I/O Status. */
export const KPIOS = bits(u8, {
  kpioens: bit(0, "enabled"),
  kpiosns: bit(1, "supported"),
});
