// Tests of the control socket over a real one: who is answered what, and who is not let in.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { UnreachableError, UsageError } from "../../../src/errors.ts";
import type { JsonObject } from "../../../src/layout/mod.ts";
import { connectControl } from "../../../src/serve/control/client.ts";
import { ControlServer, type Methods } from "../../../src/serve/control/server.ts";

const METHODS: Methods = {
  echo: ({ params }) => params,
  refuse: () => {
    throw new UsageError("Cannot do that", { next: "do this" });
  },
  count: async ({ params, send, signal }) => {
    for (let at = 0; at < Number(params["to"]); at++) send({ at });
    if (params["wait"]) {
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    }
    return {};
  },
};

async function withServer(
  use: (path: string, server: ControlServer) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/c.sock`;
  try {
    await using server = await ControlServer.open(path, METHODS);
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
    assertStringIncludes(new TextDecoder().decode(buffer.subarray(0, count)), '"error"');
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
