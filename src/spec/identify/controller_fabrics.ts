// Identify Controller, bytes 1024 to 2047: what matters over a fabric.

import {
  at,
  bit,
  bits,
  coded,
  except,
  measured,
  type Names,
  reserved,
  u16,
  u32,
  u8,
} from "../../layout/mod.ts";
import { blocksOf } from "./units.ts";

/** What kind of discovery controller answers, by DCTYPE [BASE-2.1 §5.1.13.2.1, Fig. 312]. */
const DISCOVERY_TYPE_NAMES: Names = {
  0: "not reported",
  1: "direct discovery controller",
  2: "centralized discovery controller",
};

const CAPSULE_SIZE = except(measured(u32, blocksOf(16)), 0, "not reported");

const FCATT = bits(u8, {
  dcms: bit(0, "static controller model"),
  nznsetids: bit(1, "NVM set in Connect"),
});

const OFCS = bits(u16, { dcs: bit(0, "Disconnect") });

/** Fabric Specific [BASE-2.1 §5.1.13.2.1, Fig. 312]. */
export const FABRICS_ROWS = [
  reserved(1024, 1791),
  at(1792, 1795, "ioccsz", CAPSULE_SIZE, "I/O command capsule"),
  at(1796, 1799, "iorcsz", CAPSULE_SIZE, "I/O response capsule"),
  at(1800, 1801, "icdoff", measured(u16, blocksOf(16)), "Offset of data in a capsule"),
  at(1802, 1802, "fcatt", FCATT, "Fabrics attributes"),
  at(1803, 1803, "msdbd", except(u8, 0, "no limit"), "SGL data block descriptors in a capsule"),
  at(1804, 1805, "ofcs", OFCS, "Optional Fabrics commands"),
  at(1806, 1806, "dctype", coded(u8, DISCOVERY_TYPE_NAMES), "Discovery controller type"),
  reserved(1807, 2047),
] as const;
