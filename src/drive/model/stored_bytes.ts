// Bytes as the drive's state keeps them: text, which every way of storing the state can write down.

/** Bytes in base64. */
export function storeBytes(bytes: Uint8Array): string {
  return bytes.toBase64();
}

/** The bytes of a stored text. */
export function storedBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromBase64(text);
}
