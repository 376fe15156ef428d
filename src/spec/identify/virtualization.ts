// Virtualization: what a primary controller can share (CNS 14h), and with whom (CNS 15h).

import { array, at, bit, bits, hex, reserved, struct, u16, u32, u8 } from "../../layout/mod.ts";
import { worded } from "./codecs.ts";

const LIST_ENTRIES = 127;

const CRT = bits(u8, {
  vqrs: bit(0, "virtual queues"),
  virs: bit(1, "virtual interrupts"),
});

/** The Primary Controller Capabilities data structure. VQ are queue pairs, VI interrupt vectors. */
export const PrimaryController = struct(
  "Primary Controller Capabilities",
  4096,
  "[BASE-2.1 §5.1.13.3.1, Fig. 330]",
  [
    at(0, 1, "cntlid", hex(u16), "Controller identifier", { brief: true }),
    at(2, 3, "portid", hex(u16), "Port identifier"),
    at(4, 4, "crt", CRT, "Resource types", { brief: true }),
    reserved(5, 31),
    at(32, 35, "vqfrt", u32, "VQ flexible, total", { brief: true }),
    at(36, 39, "vqrfa", u32, "VQ flexible, assigned", { brief: true }),
    at(40, 41, "vqrfap", u16, "VQ flexible, allocated to the primary"),
    at(42, 43, "vqprt", u16, "VQ private, total"),
    at(44, 45, "vqfrsm", u16, "VQ flexible, most of a secondary"),
    at(46, 47, "vqgran", u16, "VQ preferred granularity"),
    reserved(48, 63),
    at(64, 67, "vifrt", u32, "VI flexible, total", { brief: true }),
    at(68, 71, "virfa", u32, "VI flexible, assigned", { brief: true }),
    at(72, 73, "virfap", u16, "VI flexible, allocated to the primary"),
    at(74, 75, "viprt", u16, "VI private, total"),
    at(76, 77, "vifrsm", u16, "VI flexible, most of a secondary"),
    at(78, 79, "vigran", u16, "VI preferred granularity"),
    reserved(80, 4095),
  ],
);

/** A decoded Primary Controller Capabilities data structure. */
export type PrimaryController = ReturnType<typeof PrimaryController.decode>;

/** A Secondary Controller Entry. */
export const SecondaryController = struct(
  "Secondary Controller Entry",
  32,
  "[BASE-2.1 §5.1.13.3.2, Fig. 332]",
  [
    at(0, 1, "scid", hex(u16), "Controller"),
    at(2, 3, "pcid", hex(u16), "Primary controller"),
    at(
      4,
      4,
      "scs",
      worded(bits(u8, { ols: bit(0, "online") }), ({ ols }) => ols ? "online" : "offline"),
      "State",
    ),
    reserved(5, 7),
    at(8, 9, "vfn", u16, "Virtual function"),
    at(10, 11, "nvq", u16, "VQ flexible, assigned"),
    at(12, 13, "nvi", u16, "VI flexible, assigned"),
    reserved(14, 31),
  ],
);

/** A decoded Secondary Controller Entry. */
export type SecondaryController = ReturnType<typeof SecondaryController.decode>;

/** The Secondary Controller List: a count, then the controllers. */
export const SecondaryControllerList = struct(
  "Secondary Controller List",
  4096,
  "[BASE-2.1 §5.1.13.3.2, Fig. 331]",
  [
    at(0, 0, "nument", u8, "Secondary controllers"),
    reserved(1, 31),
    at(32, 4095, "entries", array(SecondaryController, LIST_ENTRIES), "Secondary controllers"),
  ],
);

/** A decoded Secondary Controller List. */
export type SecondaryControllerList = ReturnType<typeof SecondaryControllerList.decode>;

/** The secondary controllers of a list. */
export function listedSecondaryControllers(
  { nument, entries }: SecondaryControllerList,
): readonly SecondaryController[] {
  return entries.slice(0, nument);
}
