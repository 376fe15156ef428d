// Memory for many small byte arrays, taken in one piece.

/**
 * Cuts arrays from larger ones: under Deno an array of its own costs some 400 ns however small it
 * is, a cut a sixth of that. A piece of memory is let go when none of its arrays is in use any
 * more, so this is for bytes that are soon sent.
 */
export class Slab {
  #bytes = new Uint8Array();
  #used = 0;

  /** @param size bytes taken at once; what is larger than an eighth of that gets its own array */
  constructor(private readonly size = 64 * 1024) {}

  /** `length` zero bytes that nobody else uses, although their `buffer` is shared. */
  take(length: number): Uint8Array<ArrayBuffer> {
    if (length > this.size / 8) return new Uint8Array(length);
    if (this.#used + length > this.#bytes.length) {
      this.#bytes = new Uint8Array(this.size);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += length;
    return new Uint8Array(this.#bytes.buffer, start, length);
  }
}
