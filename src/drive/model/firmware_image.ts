// Firmware images of virtual drives. The format is this program's own: a header that says what the
// drive will call itself and how it wants to be started, and behind it whatever there is.
//
//     0  NVMECTLFW          9 characters
//     9  version            1
//    10  activation         see FIRMWARE_ACTIVATION
//    12  pause              milliseconds that starting it takes, 0 for the drive's usual time
//    16  revision           8 characters
//    24  length             bytes of the whole image; what is behind them is padding
//    28  checksum           CRC-32 of the image with this field zero

import { ascii, at, reserved, struct, u32, u8 } from "../../layout/mod.ts";

/** How an image can be started: at once, by which reset, or not at all. */
export const FIRMWARE_ACTIVATION = {
  withoutReset: 0,
  controllerReset: 1,
  subsystemReset: 2,
  conventionalReset: 3,
  prohibited: 4,
} as const;

/** How an image can be started, by name. */
export type FirmwareActivation = keyof typeof FIRMWARE_ACTIVATION;

/** What an image is. */
export interface FirmwareImage {
  /** At most eight characters; what Identify Controller says while it runs. */
  readonly revision: string;
  readonly activation: FirmwareActivation;
  /** What starting it takes; the drive's usual time when left out. */
  readonly pauseMs?: number;
}

const MAGIC = "NVMECTLFW";
const VERSION = 1;
const CHECKSUM_AT = 28;

/** The header of an image. */
export const FirmwareImageHeader = struct("Virtual drive firmware header", 32, "", [
  at(0, 8, "magic", ascii(9), "Magic"),
  at(9, 9, "version", u8, "Version"),
  at(10, 10, "activation", u8, "Activation"),
  reserved(11, 11),
  at(12, 15, "pauseMs", u32, "Pause in milliseconds"),
  at(16, 23, "revision", ascii(8), "Revision"),
  at(24, 27, "length", u32, "Bytes of the image"),
  at(28, 31, "checksum", u32, "CRC-32"),
]);

/** An image to download to a virtual drive. Throws RangeError for a revision that is too long. */
export function buildFirmwareImage(
  { revision, activation, pauseMs = 0, payload = new Uint8Array(0) }: FirmwareImage & {
    readonly payload?: Uint8Array;
  },
): Uint8Array<ArrayBuffer> {
  const length = FirmwareImageHeader.size + payload.length;
  // Images are sent in whole pieces of 4 KiB.
  const image = new Uint8Array(Math.ceil(length / 4096) * 4096);
  const header = { magic: MAGIC, version: VERSION, revision, length, pauseMs };
  image.set(FirmwareImageHeader.encode({ ...header, activation: FIRMWARE_ACTIVATION[activation] }));
  image.set(payload, FirmwareImageHeader.size);
  new DataView(image.buffer).setUint32(CHECKSUM_AT, crc32(image.subarray(0, length)), true);
  return image;
}

/** What the image says; undefined for one that is damaged, or of something else. */
export function readFirmwareImage(image: Uint8Array): FirmwareImage | undefined {
  if (image.length < FirmwareImageHeader.size) return undefined;
  const { magic, version, activation, pauseMs, revision, length, checksum } = FirmwareImageHeader
    .decode(image);
  if (magic !== MAGIC || version !== VERSION || revision === "") return undefined;
  if (length < FirmwareImageHeader.size || length > image.length) return undefined;
  const bare = image.slice(0, length);
  bare.fill(0, CHECKSUM_AT, CHECKSUM_AT + 4);
  if (crc32(bare) !== checksum) return undefined;
  const names = Object.keys(FIRMWARE_ACTIVATION) as FirmwareActivation[];
  const name = names.find((name) => FIRMWARE_ACTIVATION[name] === activation);
  return name && { revision, activation: name, ...(pauseMs > 0 ? { pauseMs } : {}) };
}

/** What a drive that takes any image makes of one: a revision out of its bytes. */
export function deriveFirmwareImage(image: Uint8Array): FirmwareImage {
  const revision = crc32(image).toString(16).toUpperCase().padStart(8, "0");
  return { revision, activation: "withoutReset" };
}

/** CRC-32 as of Ethernet and ZIP: polynomial 04C11DB7h, reflected. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
