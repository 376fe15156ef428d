// A named pipe that results go to, on a file system in memory.

import { assertEquals, assertRejects } from "@std/assert";
import { filesOn, type FileSystem } from "../../src/cli/files.ts";
import { InterruptedError, OutputError } from "../../src/errors.ts";

const BYTES = Uint8Array.from({ length: 10 }, (_, at) => at);
const STOP = new InterruptedError("Interrupted by SIGTERM", 143);

/** A pipe with a reader who comes after so many attempts, or takes only so many bytes. */
class FakePipe {
  readonly opened: Deno.OpenOptions[] = [];
  readonly taken: number[] = [];
  open_ = 0;

  constructor(
    private readonly reader: { absentFor?: number; leavesAfter?: number; sleepsAfter?: number },
    private readonly readable = true,
  ) {}

  get system(): FileSystem {
    return this as unknown as FileSystem;
  }

  stat(): Promise<unknown> {
    return Promise.resolve({ isFile: false, isDirectory: false, isFifo: true, size: 0 });
  }

  open(_path: string, options: Deno.OpenOptions): Promise<unknown> {
    if (options.read && !this.readable) {
      return Promise.reject(new Deno.errors.PermissionDenied("os error 13"));
    }
    this.opened.push(options);
    this.open_++;
    return Promise.resolve({ write: this.#write.bind(this), close: () => void this.open_-- });
  }

  #attempts = 0;

  async #write(bytes: Uint8Array): Promise<number> {
    await Promise.resolve();
    const { absentFor = 0, leavesAfter = Infinity, sleepsAfter = Infinity } = this.reader;
    const gone = this.taken.length >= leavesAfter;
    if (this.#attempts++ < absentFor || gone) throw new Deno.errors.BrokenPipe("os error 32");
    // Nothing but the end of the process ends such a write.
    if (this.taken.length >= sleepsAfter) await new Promise(() => {});
    this.taken.push(...bytes.subarray(0, 3));
    return Math.min(3, bytes.length);
  }
}

/** Writes ten bytes whole, and in two pieces to a staged file. */
const WAYS = {
  write: (fake: FakePipe, signal?: AbortSignal) =>
    filesOn(fake.system, () => signal).write("/p", BYTES),
  async stage(fake: FakePipe, signal?: AbortSignal) {
    await using staged = await filesOn(fake.system, () => signal).stage("/p");
    await staged.writeAt(0, BYTES.subarray(0, 4));
    await staged.writeAt(4, BYTES.subarray(4));
    await staged.commit();
  },
} as const;

for (const [name, write] of Object.entries(WAYS)) {
  Deno.test(`${name}() to a pipe that is read gives all bytes once, in their order`, async () => {
    const fake = new FakePipe({});
    await write(fake, new AbortController().signal);
    assertEquals([fake.taken, fake.open_], [[...BYTES], 0]);
    // The first for both, because open(2) for writing alone would wait for a reader.
    assertEquals(fake.opened, [{ read: true, write: true }, { write: true }]);
  });

  Deno.test(`${name}() to a pipe that nobody reads yet waits for a reader`, async () => {
    const fake = new FakePipe({ absentFor: 2 });
    await write(fake);
    assertEquals([fake.taken, fake.open_], [[...BYTES], 0]);
  });

  Deno.test(`${name}() to a pipe that nobody reads ends with the signal`, async () => {
    for (const early of [true, false]) {
      const stop = new AbortController();
      const fake = new FakePipe({ absentFor: Infinity });
      if (early) stop.abort(STOP);
      const writing = write(fake, stop.signal);
      stop.abort(STOP);
      assertEquals(await assertRejects(() => writing, InterruptedError), STOP);
      assertEquals([fake.taken, fake.open_], [[], 0]);
    }
  });

  Deno.test(`${name}() to a pipe whose reader takes nothing more ends with the signal`, async () => {
    const stop = new AbortController();
    const fake = new FakePipe({ sleepsAfter: 6 });
    const writing = write(fake, stop.signal);
    stop.abort(STOP);
    assertEquals(await assertRejects(() => writing, InterruptedError), STOP);
    assertEquals([fake.taken.length < BYTES.length, fake.open_], [true, 0]);
  });

  Deno.test(`${name}() to a pipe whose reader leaves is an error, and not a wait for another`, async () => {
    const fake = new FakePipe({ leavesAfter: 6 });
    await assertRejects(() => write(fake), OutputError, "Cannot write /p: os error 32");
    assertEquals(fake.open_, 0);
  });

  Deno.test(`${name}() needs no right to read the pipe`, async () => {
    const fake = new FakePipe({}, false);
    await write(fake);
    assertEquals([fake.taken, fake.opened], [[...BYTES], [{ write: true }]]);
  });
}
