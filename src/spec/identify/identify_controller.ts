// Identify Controller (CNS 01h): the 4 KiB in which a controller introduces itself.

import { at, bytes, struct, toCount } from "../../layout/mod.ts";
import { sparse, vendorSpecific } from "./codecs.ts";
import { ADMIN_ROWS } from "./controller_admin.ts";
import { CAPABILITY_ROWS } from "./controller_capabilities.ts";
import { FABRICS_ROWS } from "./controller_fabrics.ts";
import { IO_ROWS } from "./controller_io.ts";
import { isEmptyPowerState, PowerStateDescriptor } from "./power_state.ts";

/** Power state descriptors that the page has room for. */
const POWER_STATES = 32;

/** The Identify Controller data structure. */
export const IdentifyController = struct(
  "Identify Controller",
  4096,
  "[BASE-2.1 §5.1.13.2.1, Fig. 312]",
  [
    ...CAPABILITY_ROWS,
    ...ADMIN_ROWS,
    ...IO_ROWS,
    ...FABRICS_ROWS,
    at(
      2048,
      3071,
      "psd",
      sparse(PowerStateDescriptor, POWER_STATES, isEmptyPowerState),
      "Power states",
    ),
    at(3072, 4095, "vs", vendorSpecific(bytes(1024)), "Vendor specific"),
  ],
);

/** A decoded Identify Controller data structure. */
export type IdentifyController = ReturnType<typeof IdentifyController.decode>;

/** The power states that the controller has, by number; its descriptors go on to 31. */
export function powerStates(
  { npss, psd }: Pick<IdentifyController, "npss" | "psd">,
): readonly PowerStateDescriptor[] {
  return psd.slice(0, toCount(npss));
}

/**
 * The largest data transfer of one command in bytes, undefined where the drive names no limit.
 * @param minimumPageBytes the smallest memory page, which CAP.MPSMIN gives
 */
export function maximumTransferBytes(
  { mdts }: Pick<IdentifyController, "mdts">,
  minimumPageBytes: number,
): number | undefined {
  return mdts === 0 ? undefined : 2 ** mdts * minimumPageBytes;
}
