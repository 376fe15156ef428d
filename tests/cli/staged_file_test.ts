// Files that are written piece by piece, on a file system in memory.

import { assertEquals, assertRejects } from "@std/assert";
import { filesOn, type FileSystem } from "../../src/cli/files.ts";
import { OutputError, UsageError } from "../../src/errors.ts";

type Kind = "file" | "directory" | "pipe";

interface Fake {
  readonly kind: Kind;
  bytes: number[];
}

/** What the code under test calls; `fail` breaks the call of that name. */
class FakeSystem {
  readonly calls: string[] = [];
  readonly modes: (number | undefined)[] = [];
  open_ = 0;

  constructor(
    readonly found: Map<string, Fake> = new Map(),
    readonly fail: Readonly<Record<string, Error>> = {},
    readonly links: ReadonlyMap<string, string> = new Map(),
  ) {}

  get system(): FileSystem {
    return this as unknown as FileSystem;
  }

  #check(call: string): void {
    this.calls.push(call);
    const error = this.fail[call];
    if (error) throw error;
  }

  async stat(path: string): Promise<unknown> {
    await Promise.resolve();
    const found = this.found.get(this.links.get(path) ?? path);
    if (!found) throw new Deno.errors.NotFound("os error 2");
    return {
      isFile: found.kind === "file",
      isDirectory: found.kind === "directory",
      isCharDevice: false,
      isBlockDevice: false,
      isFifo: found.kind === "pipe",
      mode: 0o100644,
      size: found.bytes.length,
    };
  }

  lstat(path: string): Promise<unknown> {
    return this.links.has(path)
      ? Promise.resolve({ isSymlink: true })
      : Promise.reject(new Deno.errors.NotFound("os error 2"));
  }

  realPath(path: string): Promise<string> {
    return Promise.resolve(this.links.get(path) ?? path);
  }

  async open(path: string, options: Deno.OpenOptions): Promise<Deno.FsFile> {
    await Promise.resolve();
    this.#check("open");
    this.modes.push(options.mode);
    const known = this.found.get(path);
    if (known && options.createNew) throw new Deno.errors.AlreadyExists("os error 17");
    if (!known && !options.create && !options.createNew) throw new Deno.errors.NotFound("");
    const file: Fake = known ?? { kind: "file", bytes: [] };
    this.found.set(path, file);
    this.open_++;
    return this.#handle(file);
  }

  #handle(file: Fake): Deno.FsFile {
    let at = 0;
    const handle = {
      // As the operating system may: never more than three bytes at once.
      write: async (bytes: Uint8Array): Promise<number> => {
        await Promise.resolve();
        this.#check("write");
        const part = bytes.subarray(0, 3);
        for (const [index, byte] of part.entries()) file.bytes[at + index] = byte;
        at += part.length;
        return part.length;
      },
      seek: async (position: number): Promise<number> => {
        await Promise.resolve();
        this.#check("seek");
        if (file.kind === "pipe") throw new Error("Illegal seek (os error 29)");
        return at = position;
      },
      truncate: async (length: number): Promise<void> => {
        await Promise.resolve();
        this.#check("truncate");
        file.bytes = Array.from({ length }, (_, index) => file.bytes[index] ?? 0);
      },
      syncData: async (): Promise<void> => {
        await Promise.resolve();
        this.#check("syncData");
      },
      close: () => void this.open_--,
    };
    return handle as unknown as Deno.FsFile;
  }

  async chmod(): Promise<void> {
    await Promise.resolve();
    this.#check("chmod");
  }

  async rename(from: string, to: string): Promise<void> {
    await Promise.resolve();
    this.#check("rename");
    const file = this.found.get(from);
    if (file) this.found.set(to, file);
    this.found.delete(from);
  }

  remove(path: string): Promise<void> {
    this.found.delete(path);
    return Promise.resolve();
  }

  /** What there is, without the random part of temporary names. */
  get left(): Record<string, readonly number[]> {
    return Object.fromEntries(
      [...this.found].map(([path, { bytes }]) => [path.replace(/\.[0-9a-f]{8}\./, ".*."), bytes]),
    );
  }
}

const FULL = new Error("No space left on device (os error 28)");
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const file = (...values: number[]): Fake => ({ kind: "file", bytes: values });

Deno.test("a staged file takes its name when it is committed, and not before", async () => {
  const fake = new FakeSystem(new Map([["/a", file(9)]]));
  {
    await using staged = await filesOn(fake.system).stage("/a");
    await staged.writeAt(4, bytes(5, 6, 7, 8));
    await staged.writeAt(0, bytes(1, 2, 3, 4));
    assertEquals(fake.left, { "/a": [9], "/a.*.part": [1, 2, 3, 4, 5, 6, 7, 8] });
    await staged.commit();
  }
  assertEquals(fake.left, { "/a": [1, 2, 3, 4, 5, 6, 7, 8] });
  assertEquals([fake.open_, fake.modes], [0, [0o600]]);
  // What is in the file is on the disk before it gets its name.
  assertEquals(fake.calls.slice(-3), ["syncData", "chmod", "rename"]);
});

Deno.test("a staged file that is not committed leaves nothing behind", async () => {
  const fake = new FakeSystem();
  {
    await using staged = await filesOn(fake.system).stage("/a");
    await staged.writeAt(0, bytes(1));
  }
  assertEquals([fake.left, fake.open_], [{}, 0]);
});

Deno.test("a staged file that cannot be written whole is an OutputError, and leaves nothing", async () => {
  for (const call of ["open", "write", "syncData", "rename"]) {
    const fake = new FakeSystem(new Map(), { [call]: FULL });
    const attempt = async (): Promise<void> => {
      await using staged = await filesOn(fake.system).stage("/a");
      await staged.writeAt(0, bytes(1));
      await staged.commit();
    };
    await assertRejects(attempt, OutputError, "Cannot write /a: No space left on device");
    assertEquals([fake.left, fake.open_], [{}, 0], call);
  }
});

Deno.test("a staged file replaces what a symbolic link leads to, not the link", async () => {
  const fake = new FakeSystem(new Map([["/b/real", file(9)]]), {}, new Map([["/a", "/b/real"]]));
  await using staged = await filesOn(fake.system).stage("/a");
  await staged.writeAt(0, bytes(1));
  await staged.commit();
  assertEquals(fake.left, { "/b/real": [1] });
});

Deno.test("a staged file is not begun on a link that leads to nothing", async () => {
  const fake = new FakeSystem(new Map(), {}, new Map([["/a", "/b/gone"]]));
  await assertRejects(
    () => filesOn(fake.system).stage("/a"),
    OutputError,
    "it is a link, and what",
  );
  assertEquals([fake.open_, fake.left], [0, {}]);
});

Deno.test("pieces that follow each other need no seek, and a pipe gets them in their order", async () => {
  const fake = new FakeSystem(new Map([["/pipe", { kind: "pipe", bytes: [] }]]));
  for (const path of ["/pipe", "/file"]) {
    await using staged = await filesOn(fake.system).stage(path);
    await staged.writeAt(0, bytes(1, 2, 3, 4));
    await staged.writeAt(4, bytes(5));
    await staged.commit();
  }
  assertEquals(fake.left, { "/pipe": [1, 2, 3, 4, 5], "/file": [1, 2, 3, 4, 5] });
  assertEquals(fake.calls.includes("seek"), false);
  assertEquals(fake.open_, 0);
});

Deno.test("a pipe gets nothing twice and nothing out of its order", async () => {
  const fake = new FakeSystem(new Map([["/pipe", { kind: "pipe", bytes: [] }]]));
  await using staged = await filesOn(fake.system).stage("/pipe");
  await staged.writeAt(0, bytes(1, 2));
  for (const position of [0, 1, 3]) {
    await assertRejects(() => staged.writeAt(position, bytes(3)), OutputError, "it is a pipe");
  }
  await staged.writeAt(2, bytes(3));
  await staged.commit();
  assertEquals(fake.left, { "/pipe": [1, 2, 3] });
});

Deno.test("a directory is refused, whole or in place; a pipe in place", async () => {
  const fake = new FakeSystem(
    new Map([["/d", { kind: "directory", bytes: [] }], ["/p", { kind: "pipe", bytes: [] }]]),
  );
  const files = filesOn(fake.system);
  await assertRejects(() => files.stage("/d"), OutputError, "Cannot write /d: it is a directory");
  await assertRejects(() => files.patch("/d"), OutputError, "it is a directory");
  await assertRejects(() => files.patch("/p"), OutputError, "it is no regular file");
});

Deno.test("a file written in place keeps what is in it, grows, and stays when it is closed", async () => {
  const fake = new FakeSystem(new Map([["/a", file(1, 2, 3)]]));
  for (const path of ["/a", "/new"]) {
    await using patched = await filesOn(fake.system).patch(path);
    await patched.resize(5);
    await patched.writeAt(1, bytes(7));
    await patched.sync();
  }
  assertEquals(fake.left, { "/a": [1, 7, 3, 0, 0], "/new": [0, 7, 0, 0, 0] });
  assertEquals([fake.open_, fake.modes], [0, [0o600, 0o600]]);
});

Deno.test("a file in place says in words why it cannot be written", async () => {
  for (const call of ["open", "truncate", "write", "syncData"]) {
    const fake = new FakeSystem(new Map(), { [call]: FULL });
    const attempt = async (): Promise<void> => {
      await using patched = await filesOn(fake.system).patch("/a");
      await patched.resize(2);
      await patched.writeAt(0, bytes(1));
      await patched.sync();
    };
    await assertRejects(attempt, OutputError, "Cannot write /a: No space left on device");
    assertEquals(fake.open_, 0, call);
  }
});

Deno.test("size() is that of a file, and nothing where there is none", async () => {
  const fake = new FakeSystem(new Map([["/a", file(1, 2, 3)]]));
  const files = filesOn(fake.system);
  assertEquals([await files.size("/a"), await files.size("/b")], [3, undefined]);
  const closed = {
    stat: () => Promise.reject(new Deno.errors.PermissionDenied("os error 13")),
  } as unknown as FileSystem;
  await assertRejects(() => filesOn(closed).size("/a"), UsageError, "permission denied");
});

Deno.test("reserve() takes storage that has no name, and gives it free", async () => {
  const fake = new FakeSystem(new Map([["/real", file(1)]]), {}, new Map([["/a", "/real"]]));
  const made: string[] = [];
  const { system } = fake;
  const open = system.open.bind(system);
  fake.open = (path, options) => {
    made.push(path.replace(/\.[0-9a-f]{8}\./, ".*."));
    return open(path, options);
  };
  const room = await filesOn(system).reserve("/a", 100);
  assertEquals([made, fake.left, fake.open_], [["/real.*.part"], { "/real": [1] }, 1]);
  // On the storage, and no more of it.
  assertEquals(fake.calls.filter((call) => call === "write").length, 34);
  assertEquals(fake.calls.at(-1), "syncData");
  room[Symbol.dispose]();
  assertEquals(fake.open_, 0);
});

Deno.test("reserve() where there is no room says so, and leaves nothing", async () => {
  for (const call of ["open", "write", "syncData"]) {
    const fake = new FakeSystem(new Map(), { [call]: FULL });
    const error = await assertRejects(() => filesOn(fake.system).reserve("/a", 100), OutputError);
    assertEquals(error.message, "Cannot write /a: No space left on device (os error 28)");
    assertEquals([fake.left, fake.open_], [{}, 0]);
  }
});
