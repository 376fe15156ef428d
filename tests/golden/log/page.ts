// Golden images are written here byte by byte, never by the code that they test.

/** `size` zero bytes with hexadecimal bytes laid over them at the offsets given. */
export function page(size: number, parts: Readonly<Record<number, string>>): Uint8Array {
  const bytes = new Uint8Array(size);
  for (const [offset, text] of Object.entries(parts)) {
    bytes.set(text.split(" ").map((digits) => Number.parseInt(digits, 16)), Number(offset));
  }
  return bytes;
}
