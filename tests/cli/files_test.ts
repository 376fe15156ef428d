// Files that are whole or not there, on a file system in memory.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { filesOn, type FileSystem, forbiddenOutput } from "../../src/cli/files.ts";
import { OutputError, UsageError } from "../../src/errors.ts";

type Kind = "file" | "directory" | "device";

/** What the code under test calls, on a map of paths; `fail` breaks the call of that name. */
class MemoryFiles {
  readonly contents = new Map<string, string>();
  readonly modes: (number | undefined)[] = [];
  /** The mode that `stat` tells, and those that were set. */
  permissions: number | undefined;
  readonly changed: number[] = [];
  closed = 0;

  constructor(
    readonly kinds: Map<string, Kind> = new Map(),
    readonly links: ReadonlyMap<string, string> = new Map(),
    readonly fail: Readonly<Record<string, Error>> = {},
  ) {}

  get system(): FileSystem {
    return this as unknown as FileSystem;
  }

  readFile(path: string): Promise<Uint8Array> {
    const text = this.contents.get(path);
    if (text === undefined) return Promise.reject(new Deno.errors.NotFound("os error 2"));
    return Promise.resolve(new TextEncoder().encode(text));
  }

  chmod(_path: string, mode: number): Promise<void> {
    this.changed.push(mode);
    return Promise.resolve();
  }

  stat(path: string): Promise<unknown> {
    if (this.fail["stat"]) return Promise.reject(this.fail["stat"]);
    const kind = this.kinds.get(this.links.get(path) ?? path);
    if (kind === undefined) return Promise.reject(new Deno.errors.NotFound("os error 2"));
    return Promise.resolve({
      isFile: kind === "file",
      isDirectory: kind === "directory",
      mode: this.permissions,
      size: this.contents.get(this.links.get(path) ?? path)?.length ?? 0,
    });
  }

  lstat(path: string): Promise<unknown> {
    return this.links.has(path)
      ? Promise.resolve({ isSymlink: true })
      : Promise.reject(new Deno.errors.NotFound("os error 2"));
  }

  realPath(path: string): Promise<string> {
    return Promise.resolve(this.links.get(path) ?? path);
  }

  writeFile(path: string, bytes: Uint8Array, options: Deno.WriteFileOptions = {}): Promise<void> {
    this.modes.push(options.mode);
    this.contents.set(path, new TextDecoder().decode(bytes));
    return this.fail["writeFile"] ? Promise.reject(this.fail["writeFile"]) : Promise.resolve();
  }

  open(path: string, { createNew, mode }: Deno.OpenOptions): Promise<unknown> {
    if (this.fail["open"]) return Promise.reject(this.fail["open"]);
    if (createNew && this.contents.has(path)) {
      return Promise.reject(new Deno.errors.AlreadyExists("os error 17"));
    }
    this.modes.push(mode);
    this.contents.set(path, "");
    return Promise.resolve({
      // As the operating system may: never more than three bytes at once.
      write: (bytes: Uint8Array): Promise<number> => {
        if (this.fail["write"]) return Promise.reject(this.fail["write"]);
        const part = bytes.subarray(0, 3);
        this.contents.set(path, (this.contents.get(path) ?? "") + new TextDecoder().decode(part));
        return Promise.resolve(part.length);
      },
      syncData: () => Promise.resolve(),
      close: () => void this.closed++,
    });
  }

  rename(from: string, to: string): Promise<void> {
    if (this.fail["rename"]) return Promise.reject(this.fail["rename"]);
    this.contents.set(to, this.contents.get(from) ?? "");
    this.contents.delete(from);
    return Promise.resolve();
  }

  remove(path: string): Promise<void> {
    this.contents.delete(path);
    return Promise.resolve();
  }
}

const BYTES = new TextEncoder().encode("page");

Deno.test("a new file is written under another name, for its owner only, and then renamed", async () => {
  const memory = new MemoryFiles();
  await filesOn(memory.system).write("/a/smart.bin", BYTES);
  assertEquals([...memory.contents], [["/a/smart.bin", "page"]]);
  assertEquals(memory.modes, [0o600]);
});

Deno.test("a file that cannot be written whole leaves nothing behind", async () => {
  for (const call of ["writeFile", "rename"]) {
    const full = new Error("No space left on device (os error 28)");
    const memory = new MemoryFiles(new Map(), new Map(), { [call]: full });
    await assertRejects(
      () => filesOn(memory.system).write("/a/x", BYTES),
      OutputError,
      "Cannot write /a/x: No space left on device",
    );
    assertEquals(memory.contents.size, 0, call);
  }
});

Deno.test("a file that is replaced keeps its permissions", async () => {
  const memory = new MemoryFiles(new Map([["/a/x", "file"]]));
  memory.permissions = 0o100664;
  await filesOn(memory.system).write("/a/x", BYTES);
  assertEquals(memory.changed, [0o664]);
});

Deno.test("a file that is to hold a secret is for its owner only, whatever it was before", async () => {
  const memory = new MemoryFiles(new Map([["/a/x", "file"]]));
  memory.permissions = 0o100664;
  await filesOn(memory.system).write("/a/x", BYTES, { secret: true });
  assertEquals([memory.modes, memory.changed], [[0o600], []]);
});

Deno.test("a link to what is not there is refused before there is anything to write", async () => {
  const memory = new MemoryFiles(new Map(), new Map([["/a/link", "/b/gone"]]));
  const files = filesOn(memory.system);
  const sentence = "Cannot write /a/link: it is a link, and what it leads to is not there";
  await assertRejects(() => files.probe("/a/link"), UsageError, sentence);
  await assertRejects(() => files.write("/a/link", BYTES), OutputError, sentence);
  assertEquals(memory.contents.size, 0);
});

Deno.test("a symbolic link stays, and the file that it leads to is replaced", async () => {
  const memory = new MemoryFiles(new Map([["/b/real", "file"]]), new Map([["/a/link", "/b/real"]]));
  await filesOn(memory.system).write("/a/link", BYTES);
  assertEquals([...memory.contents], [["/b/real", "page"]]);
});

Deno.test("a device such as /dev/null is written to, never replaced", async () => {
  const memory = new MemoryFiles(new Map([["/dev/null", "device"]]));
  await filesOn(memory.system).write("/dev/null", BYTES);
  assertEquals([...memory.contents], [["/dev/null", "page"]]);
  assertEquals(memory.modes, [undefined], "written in place");
});

Deno.test("a block device is never written to, nor a character device other than /dev/null", () => {
  const none = { isBlockDevice: false, isCharDevice: false, isDirectory: false, rdev: 0 };
  assertEquals(forbiddenOutput(none), undefined);
  assertEquals(forbiddenOutput({ ...none, isCharDevice: true, rdev: 0x103 }), undefined);
  assertStringIncludes(forbiddenOutput({ ...none, isBlockDevice: true }) ?? "", "block device");
  assertStringIncludes(
    forbiddenOutput({ ...none, isCharDevice: true, rdev: 0xf500 }) ?? "",
    "device",
  );
  assertStringIncludes(forbiddenOutput({ ...none, isDirectory: true }) ?? "", "directory");
});

Deno.test("probe() finds out that a file could not be written, and leaves nothing", async () => {
  const memory = new MemoryFiles();
  await filesOn(memory.system).probe("/a/x");
  assertEquals(memory.contents.size, 0);
  const closed = new MemoryFiles(new Map(), new Map(), {
    writeFile: new Deno.errors.PermissionDenied("os error 13"),
  });
  await assertRejects(() => filesOn(closed.system).probe("/a/x"), UsageError, "permission denied");
});

Deno.test("a file that is to be kept is not replaced, nor is its name tried", async () => {
  const memory = new MemoryFiles(new Map([["/a/k", "file"]]), new Map([["/a/link", "/a/k"]]));
  memory.contents.set("/a/k", "old key");
  const files = filesOn(memory.system);
  for (const path of ["/a/k", "/a/link"]) {
    const error = await assertRejects(() => files.probe(path, { keep: true }), UsageError);
    assertEquals(
      error.message,
      `Cannot write ${path}: it is there already, and what it holds would be lost`,
    );
    assertStringIncludes(error.next ?? "", "--overwrite");
    await assertRejects(() => files.write(path, BYTES, { keep: true }), OutputError, "is there");
  }
  assertEquals([[...memory.contents], memory.modes], [[["/a/k", "old key"]], []]);
  await files.write("/a/k", BYTES, { keep: false });
  assertEquals(memory.contents.get("/a/k"), "page");
});

Deno.test("a file that appears meanwhile is not replaced where files are to be kept", async () => {
  const memory = new MemoryFiles();
  // There since the look at it, which found none.
  memory.contents.set("/a/k", "old key");
  const error = await assertRejects(
    () => filesOn(memory.system).write("/a/k", BYTES, { keep: true }),
    OutputError,
    "Cannot write /a/k: it is there already",
  );
  assertStringIncludes(error.next ?? "", "--overwrite");
  assertEquals([...memory.contents], [["/a/k", "old key"]]);
});

Deno.test("what is new, empty or a pipe is written also where files are to be kept", async () => {
  const kinds = new Map([["/a/empty", "file"], ["/a/pipe", "device"]] as const);
  const memory = new MemoryFiles(kinds);
  memory.contents.set("/a/empty", "");
  const files = filesOn(memory.system);
  for (const path of ["/a/new", "/a/empty", "/a/pipe"]) {
    await files.probe(path, { keep: true });
    await files.write(path, BYTES, { secret: true, keep: true });
    assertEquals(memory.contents.get(path), "page", path);
  }
  assertEquals([memory.contents.size, memory.closed], [3, 1]);
  assertEquals(new Set(memory.modes), new Set([0o600, undefined]));
});

Deno.test("a new file that cannot be written whole is taken away, and one of others is not", async () => {
  const full = new Error("No space left on device (os error 28)");
  const memory = new MemoryFiles(new Map(), new Map(), { write: full });
  await assertRejects(
    () => filesOn(memory.system).write("/a/k", BYTES, { keep: true }),
    OutputError,
    "No space left on device",
  );
  assertEquals([memory.contents.size, memory.closed], [0, 1]);
  const closed = new MemoryFiles(new Map(), new Map(), {
    open: new Deno.errors.PermissionDenied("os error 13"),
  });
  closed.contents.set("/a/k", "of others");
  await assertRejects(
    () => filesOn(closed.system).write("/a/k", BYTES, { keep: true }),
    OutputError,
    "permission denied",
  );
  assertEquals(closed.contents.get("/a/k"), "of others");
});

Deno.test("why a file cannot be written is said in words", async () => {
  const cases: readonly (readonly [Error, string])[] = [
    [new Deno.errors.PermissionDenied("os error 13"), "permission denied"],
    [new Deno.errors.IsADirectory("os error 21"), "it is a directory"],
    [new Deno.errors.NotFound("os error 2"), "no such file or directory"],
  ];
  for (const [error, words] of cases) {
    const memory = new MemoryFiles(new Map(), new Map(), { writeFile: error });
    await assertRejects(
      () => filesOn(memory.system).write("/a/x", BYTES),
      OutputError,
      `Cannot write /a/x: ${words}`,
    );
  }
  const closed = { stat: new Deno.errors.PermissionDenied("os error 13") };
  await assertRejects(
    () => filesOn(new MemoryFiles(new Map(), new Map(), closed).system).write("/a/x", BYTES),
    OutputError,
    "permission denied",
  );
});

Deno.test("a file is read as it is, and one that is missing is named", async () => {
  const memory = new MemoryFiles(new Map([["/a/x", "file"]]));
  memory.contents.set("/a/x", "page");
  assertEquals(await filesOn(memory.system).read("/a/x"), BYTES);
  const error = await assertRejects(() => filesOn(memory.system).read("/a/y"), UsageError);
  assertEquals(error.message, "Cannot read /a/y: no such file or directory");
});

Deno.test("the real file system is the one that is used outside of tests", async () => {
  await assertRejects(
    () => filesOn(Deno).read("tests/cli/no-such-file"),
    UsageError,
    "Cannot read tests/cli/no-such-file: no such file or directory",
  );
});

Deno.test("what is too large to be held, or never ends, is not read into memory", async () => {
  const large = {
    stat: () => Promise.resolve({ isFile: true, size: 2 ** 31 }),
  } as unknown as FileSystem;
  await assertRejects(
    () => filesOn(large).read("/a/x"),
    UsageError,
    "Cannot read /a/x: it has 2,147,483,648 bytes, need at most 1,073,741,824",
  );
  const piece = new Uint8Array(2 ** 26);
  const endless = {
    stat: () => Promise.resolve({ isFile: false, size: 0 }),
    open: () =>
      Promise.resolve({ readable: new ReadableStream({ pull: (to) => to.enqueue(piece) }) }),
  } as unknown as FileSystem;
  await assertRejects(
    () => filesOn(endless).read("/dev/zero"),
    UsageError,
    "Cannot read /dev/zero: it does not end",
  );
});

Deno.test("the beginning of a file is read however large it is, with the size of all of it", async () => {
  const content = new Uint8Array([1, 2, 3, 4, 5, 6]);
  const opened = (found: object, size = 2 ** 40) =>
    filesOn({
      stat: () => Promise.resolve({ isFile: true, size }),
      open: () => Promise.resolve({ ...found, [Symbol.dispose]() {} }),
    } as unknown as FileSystem);
  let at = 0;
  const slow = opened({
    read(into: Uint8Array) {
      into[0] = content[at] ?? 0;
      return Promise.resolve(at++ < content.length ? 1 : null);
    },
  });
  assertEquals(await slow.head("/a/x", 4), { bytes: content.slice(0, 4), size: 2 ** 40 });
  const shrinking = opened({ read: () => Promise.resolve(null) });
  assertEquals(await shrinking.head("/a/x", 4), { bytes: new Uint8Array(0), size: 0 });
  const pipe = filesOn({
    stat: () => Promise.resolve({ isFile: false, size: 0 }),
    open: () => Promise.resolve({ readable: ReadableStream.from([content.slice()]) }),
  } as unknown as FileSystem);
  assertEquals(await pipe.head("/a/p", 4), { bytes: content.slice(0, 4), size: 6 });
  const error = await assertRejects(() => filesOn(Deno).head("tests/cli/none", 4), UsageError);
  assertEquals(error.message, "Cannot read tests/cli/none: no such file or directory");
});
