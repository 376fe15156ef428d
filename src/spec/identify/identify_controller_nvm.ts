// Identify Controller of the NVM Command Set (CNS 06h, CSI 00h): how large commands may be that
// transfer no data.

import {
  at,
  bit,
  bits,
  type Codec,
  except,
  measured,
  nameOf,
  type Names,
  reserved,
  struct,
  u16,
  u32,
  u64,
  u8,
} from "../../layout/mod.ts";
import { specificationVersion } from "./codecs.ts";
import { logicalBlocks, minimumPages } from "./units.ts";

const SIZE_LIMIT = except(measured(u8, minimumPages), 0, "not reported");

const KPIOCAP = bits(u8, {
  kpios: bit(0, "supported"),
  kpiosc: bit(1, "for all namespaces at once"),
});

const AOCS = bits(u16, { ralbas: bit(0, "Get LBA Status of allocated blocks") });

const QUEUE_FORMAT_NAMES: Names = { 0: "type 0" };

/** LBA migration queue formats from C0h on are the vendor's [NVM-1.1 §4.1.5.4]. */
const VENDOR_FORMATS = 0xc0;

function queueFormat(value: number): string {
  return value >= VENDOR_FORMATS
    ? `vendor specific (0x${value.toString(16)})`
    : nameOf(QUEUE_FORMAT_NAMES, value);
}

const LBAMQF: Codec<number> = {
  ...u8,
  type: "code, u8",
  text: queueFormat,
  json: (value) => ({ value, text: queueFormat(value) }),
};

/**
 * The I/O Command Set specific Identify Controller data structure of the NVM Command Set. What a
 * limit of zero says depends on ONCS: with the command's bit set there that no limit is
 * recommended, without it that the command is not supported.
 */
export const IdentifyControllerNvm = struct(
  "NVM Command Set Identify Controller",
  4096,
  "[NVM-1.1 §4.1.5.4]",
  [
    at(0, 0, "vsl", SIZE_LIMIT, "Verify size limit", { brief: true }),
    at(1, 1, "wzsl", SIZE_LIMIT, "Write Zeroes size limit", { brief: true }),
    at(2, 2, "wusl", SIZE_LIMIT, "Write Uncorrectable size limit", { brief: true }),
    at(3, 3, "dmrl", except(u8, 0, "not reported"), "Dataset Management ranges", { brief: true }),
    at(
      4,
      7,
      "dmrsl",
      except(measured(u32, logicalBlocks), 0, "not reported"),
      "Dataset Management range size limit",
      { brief: true },
    ),
    at(
      8,
      15,
      "dmsl",
      except(measured(u64, logicalBlocks), 0n, "not reported"),
      "Dataset Management size limit",
      { brief: true },
    ),
    at(16, 16, "kpiocap", KPIOCAP, "Key per I/O"),
    at(
      17,
      17,
      "wzdsl",
      except(measured(u8, minimumPages), 0, "as without Deallocate"),
      "Write Zeroes with Deallocate size limit",
    ),
    at(18, 19, "aocs", AOCS, "Optional Admin commands"),
    at(20, 23, "ver", specificationVersion, "NVM Command Set version", { brief: true }),
    at(24, 24, "lbamqf", LBAMQF, "LBA migration queue format"),
    reserved(25, 4095),
  ],
);

/** A decoded Identify Controller data structure of the NVM Command Set. */
export type IdentifyControllerNvm = ReturnType<typeof IdentifyControllerNvm.decode>;
