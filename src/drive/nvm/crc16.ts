// The guard of protection information: CRC-16 of T10, polynomial 8BB7h [NVM-1.1 §5.3].

const POLYNOMIAL = 0x8bb7;

/** Made when first needed: most drives never check a guard. */
let remainders: Uint16Array | undefined;

function remainderTable(): Uint16Array {
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let crc = byte << 8;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ POLYNOMIAL;
    }
    return crc & 0xffff;
  });
}

/** The guard of some bytes; `crc` continues that of the bytes before them. */
export function crc16(bytes: Uint8Array, crc = 0): number {
  remainders ??= remainderTable();
  let value = crc;
  for (const byte of bytes) {
    value = ((value << 8) & 0xffff) ^ (remainders[((value >> 8) ^ byte) & 0xff] ?? 0);
  }
  return value;
}
