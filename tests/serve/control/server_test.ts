// Tests of the control socket over a real one: who is answered what, and who is not let in.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { UnreachableError, UsageError } from "../../../src/errors.ts";
import type { JsonObject } from "../../../src/layout/mod.ts";
import { connectControl } from "../../../src/serve/control/client.ts";
import {
  ControlServer,
  type ControlServerOptions,
  type Methods,
} from "../../../src/serve/control/server.ts";

/** How often `big` was asked. */
let calls = 0;

const METHODS: Methods = {
  echo: ({ params }) => params,
  refuse: () => {
    throw new UsageError("Cannot do that", { next: "do this" });
  },
  big: () => {
    calls++;
    return { text: "x".repeat(100_000) };
  },
  huge: () => ({ text: "x".repeat(2_000_000) }),
  count: async ({ params, send, signal }) => {
    for (let at = 0; at < Number(params["to"]); at++) {
      send({ at, ...(params["pad"] ? { pad: "x".repeat(10_000) } : {}) });
    }
    if (params["wait"]) {
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    }
    return {};
  },
};

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function withServer(
  use: (path: string, server: ControlServer) => Promise<void>,
  options: ControlServerOptions = {},
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/c.sock`;
  try {
    await using server = await ControlServer.open(path, METHODS, options);
    await use(path, server);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a call is answered with its result, or with what was refused", () =>
  withServer(async (path) => {
    await using control = await connectControl(path);
    assertEquals(await control.call("echo", { a: [1, "x"] }), { a: [1, "x"] });
    const refused = await assertRejects(() => control.call("refuse"), UsageError, "Cannot do that");
    assertEquals(refused.next, "do this");
    await assertRejects(() => control.call("toString"), UsageError, "no such method");
    assertEquals(await control.call("echo", {}), {});
  }));

Deno.test("a stream gives its items in order, and ends when its caller has enough", () =>
  withServer(async (path) => {
    const collect = async (params: JsonObject, signal: AbortSignal): Promise<number[]> => {
      await using control = await connectControl(path);
      const items: number[] = [];
      await control.stream("count", params, {
        signal,
        item: ({ at }) => Promise.resolve(void items.push(Number(at))),
      });
      return items;
    };
    assertEquals(await collect({ to: 3 }, new AbortController().signal), [0, 1, 2]);
    const stop = new AbortController();
    const collecting = collect({ to: 2, wait: true }, stop.signal);
    setTimeout(() => stop.abort(), 100);
    assertEquals(await collecting, [0, 1]);
  }));

Deno.test("only the owner can open the socket", () =>
  withServer(async (path) => {
    const { mode } = await Deno.lstat(path);
    assertEquals((mode ?? 0) & 0o777, 0o600);
  }));

Deno.test("a socket in use is left alone, one that was left behind is replaced", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/c.sock`;
  const open = (): Promise<ControlServer> => ControlServer.open(path, METHODS);
  try {
    {
      await using _server = await open();
      await assertRejects(open, UnreachableError, "another drive is served there");
    }
    Deno.listen({ transport: "unix", path }).close();
    await using server = await open();
    assertEquals(server.path, path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a file that is no socket is not replaced", async () => {
  const path = await Deno.makeTempFile();
  await assertRejects(
    () => ControlServer.open(path, METHODS),
    UsageError,
    "something else is there",
  );
  assertEquals((await Deno.stat(path)).isFile, true);
  await Deno.remove(path);
});

Deno.test("a caller that talks nonsense is told so or shut out, others are answered", () =>
  withServer(async (path) => {
    const noise = await Deno.connect({ transport: "unix", path });
    await noise.write(new TextEncoder().encode("nonsense\n"));
    const buffer = new Uint8Array(1000);
    const count = await noise.read(buffer) ?? 0;
    const answer = new TextDecoder().decode(buffer.subarray(0, count));
    assertStringIncludes(answer, '"kind":"usage","message":"Cannot take a line that is no JSON');
    noise.close();
    await using control = await connectControl(path);
    assertEquals(await control.call("echo", { x: 1 }), { x: 1 });
  }));

Deno.test("a drive that goes away ends its callers with a clear error", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/c.sock`;
  const server = await ControlServer.open(path, METHODS);
  await using control = await connectControl(path);
  const waiting = assertRejects(
    () => control.call("count", { to: 0, wait: true }),
    UnreachableError,
    "Cannot reach the drive",
  );
  await new Promise((resolve) => setTimeout(resolve, 50));
  await server[Symbol.asyncDispose]();
  await waiting;
  await assertRejects(() => connectControl(path), UnreachableError, "Cannot reach a drive at");
  await Deno.remove(folder, { recursive: true });
});

/** The text of `count` requests in one piece. */
function requests(method: string, count: number): Uint8Array {
  const lines = Array.from({ length: count }, (_, id) => JSON.stringify({ id, method }) + "\n");
  return new TextEncoder().encode(lines.join(""));
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await connection.write(rest));
}

Deno.test("a caller that asks on and on and never reads is shut out before it costs much", () =>
  withServer(async (path) => {
    calls = 0;
    const greedy = await Deno.connect({ transport: "unix", path });
    // They fit into what the socket buffers: a write that waits would keep the socket open.
    await writeAll(greedy, requests("big", 3_000));
    await new Promise((resolve) => setTimeout(resolve, 600));
    assertEquals(calls > 0 && calls < 20, true, `${calls} answered`);
    await using control = await connectControl(path);
    assertEquals(await control.call("echo", { x: 1 }), { x: 1 });
    greedy.close();
  }, { stallMs: 200 }));

Deno.test("callers that never read and never go keep no place from others", () =>
  withServer(async (path) => {
    const greedy = await Promise.all(
      Array.from({ length: 64 }, () => Deno.connect({ transport: "unix", path })),
    );
    // One answer is more than a socket buffers: its write waits for as long as the caller is there.
    for (const caller of greedy) await writeAll(caller, requests("huge", 1));
    const answered = async (): Promise<boolean> => {
      try {
        await using control = await connectControl(path);
        return (await control.call("echo", { x: 1 }))["x"] === 1;
      } catch (error) {
        assertStringIncludes((error as Error).message, "64 are connected");
        return false;
      }
    };
    let tries = 0;
    while (!await answered() && tries++ < 50) await pause(100);
    assertEquals(tries < 50, true);
    for (const caller of greedy) caller.close();
    // The writes that waited end with that.
    await pause(50);
  }, { stallMs: 100 }));

Deno.test("requests sent ahead are all answered in their order to a caller that reads", () =>
  withServer(async (path) => {
    const caller = await Deno.connect({ transport: "unix", path });
    const sending = writeAll(caller, requests("echo", 5_000));
    let text = "";
    const buffer = new Uint8Array(64 * 1024);
    while (text.split("\n").length <= 5_000) {
      text += new TextDecoder().decode(buffer.subarray(0, await caller.read(buffer) ?? 0));
    }
    await sending;
    caller.close();
    const ids = text.trim().split("\n").map((line) => JSON.parse(line).id);
    assertEquals(ids, Array.from({ length: 5_000 }, (_, id) => id));
  }, { stallMs: 1000 }));

Deno.test("a caller that has finished sending still gets its answers", () =>
  withServer(async (path) => {
    const caller = await Deno.connect({ transport: "unix", path });
    await writeAll(caller, requests("big", 3));
    await caller.closeWrite();
    let bytes = 0;
    const buffer = new Uint8Array(64 * 1024);
    for (let count = await caller.read(buffer); count !== null; count = await caller.read(buffer)) {
      bytes += count;
    }
    caller.close();
    assertEquals(bytes > 300_000, true);
  }));

Deno.test("a stream of more than a reader may leave unread comes to its end", () =>
  withServer(async (path) => {
    await using control = await connectControl(path);
    let items = 0;
    await control.stream("count", { to: 3_000, pad: true }, {
      signal: new AbortController().signal,
      item: () => Promise.resolve(void items++),
    });
    assertEquals(items > 500 && items < 3_000, true, `${items} items`);
    assertEquals(await control.call("echo", { x: 1 }), { x: 1 });
  }));

Deno.test("the caller that is one too many is told so", () =>
  withServer(async (path) => {
    const callers = await Promise.all(
      Array.from({ length: 64 }, () => Deno.connect({ transport: "unix", path })),
    );
    const one = await connectControl(path);
    await assertRejects(() => one.call("echo"), UnreachableError, "64 are connected");
    await one[Symbol.asyncDispose]();
    for (const caller of callers) caller.close();
  }));
