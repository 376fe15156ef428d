// The features that Identify Controller gives away, for drives without a log page of features.

import type { IdentifyController } from "../spec/identify/identify_controller.ts";

/**
 * The features that a controller has by what its Identify data say, ascending: those that every
 * I/O controller has, and those that a field announces [BASE-2.1 §5.1.25, Fig. 385].
 *
 * @param version of the specification, as the VER field has it: 010400h for 1.4
 */
export function announcedFeatures({ controller, version }: {
  readonly controller: IdentifyController;
  readonly version: number;
}): readonly number[] {
  const { vwc, apsta, hmpre, oncs, kas, hctma, ctratt, rrls, sanicap, oacs, nwpc } = controller;
  const announced: readonly (readonly [fid: number, there: boolean])[] = [
    [0x06, vwc.vwcp],
    [0x0c, apsta.apts],
    [0x0d, hmpre > 0],
    [0x0e, oncs.tss],
    [0x0f, kas > 0],
    [0x10, hctma.hctms],
    [0x11, ctratt.nopspm],
    [0x12, rrls.value !== 0],
    [0x13, ctratt.plm],
    [0x14, ctratt.plm],
    [0x15, oacs.glss],
    [0x16, version >= 0x010400],
    [0x17, sanicap.value !== 0],
    [0x18, ctratt.egs],
    [0x80, true],
    [0x81, ctratt.hids || oncs.reservs],
    [0x82, oncs.reservs],
    [0x83, oncs.reservs],
    [0x84, nwpc.value !== 0],
  ];
  const mandatory = [0x01, 0x02, 0x04, 0x05, 0x07, 0x08, 0x09, 0x0a, 0x0b];
  return [...mandatory, ...announced.flatMap(([fid, there]) => there ? [fid] : [])]
    .toSorted((one, other) => one - other);
}
