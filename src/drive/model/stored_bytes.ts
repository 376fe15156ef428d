// Bytes as the drive's state keeps them: text, which every way of storing the state can write down.

const PART = 0x8000;

/** Bytes in base64. */
export function storeBytes(bytes: Uint8Array): string {
  let text = "";
  for (let from = 0; from < bytes.length; from += PART) {
    text += String.fromCharCode(...bytes.subarray(from, from + PART));
  }
  return btoa(text);
}

/** The bytes of a stored text. */
export function storedBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
