// The port of a target, over real connections of this machine.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { preset, VirtualDrive } from "../../src/drive/mod.ts";
import type { TcpLimits } from "../../src/drive/face/tcp/limits.ts";
import { TcpTarget } from "../../src/drive/face/tcp/target.ts";
import { serveTcp, type TcpServer } from "../../src/serve/tcp_listener.ts";
import type { TcpConnection } from "../../src/drive/face/tcp/connection.ts";
import type { Flood } from "../support/flood_worker.ts";
import { type Dialled, dialTcp } from "../support/tcp_dial.ts";
import { TcpHost } from "../support/tcp_host.ts";

const OK = "00h/00h";
const BLOCK = 512;

interface Served extends AsyncDisposable {
  readonly server: TcpServer;
  readonly target: TcpTarget;
  readonly nqn: string;
  readonly failures: unknown[];
}

function serve(limits: Partial<TcpLimits> = {}): Served {
  const personality = preset("");
  assert(personality);
  const after = (ms: number, action: () => void): () => void => {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  };
  const world = { now: () => Date.now(), after };
  const target = new TcpTarget({ ...world, limits });
  const nqn = target.add({ drive: new VirtualDrive({ personality, ...world, seed: 1 }) });
  const failures: unknown[] = [];
  const server = serveTcp({ target, port: 0, failed: (error) => failures.push(error) });
  return { server, target, nqn, failures, [Symbol.asyncDispose]: () => server.stop() };
}

async function dial({ server }: Served): Promise<Dialled> {
  const dialled = await dialTcp(server.address.port);
  await dialled.initialize({ headerDigest: true, dataDigest: true });
  return dialled;
}

Deno.test("serveTcp() listens on loopback, at a port of its own choice if need be", async () => {
  await using served = serve();
  assertEquals(served.server.address.host, "127.0.0.1");
  assert(served.server.address.port > 0);
});

Deno.test("large and small transfers go through on several queues at once", async () => {
  await using served = serve();
  await using admin = await dial(served);
  assertEquals((await admin.host.connect(served.nqn)).status, OK);
  assert(await admin.host.enable());
  await Promise.all([1, 2].map(async (qid) => {
    await using io = await dial(served);
    const { cntlid } = admin.host;
    assertEquals((await io.host.connect(served.nqn, { qid, cntlid, entries: 64 })).status, OK);
    const blocks = 700;
    const out = Uint8Array.from({ length: blocks * BLOCK }, (_, at) => (at * qid + (at >> 9)));
    const place = { nsid: 1, cdw10: qid * 10_000, cdw12: blocks - 1 };
    assertEquals((await io.host.submit({ opcode: 1, ...place, out })).status, OK);
    const read = await io.host.submit({ opcode: 2, ...place, length: out.length });
    assertEquals([read.status, io.host.badData], [OK, 0]);
    assertEquals(read.data, out);
    for (let round = 0; round < 10; round++) {
      const answers = await Promise.all(Array.from({ length: 50 }, (_, at) => {
        const cdw10 = qid * 10_000 + round * 50 + at;
        return io.host.submit({ opcode: 2, nsid: 1, cdw10, length: BLOCK });
      }));
      answers.forEach(({ status, data }, at) => {
        const from = (round * 50 + at) * BLOCK;
        assertEquals([status, data], [OK, out.subarray(from, from + BLOCK)]);
      });
    }
  }));
  assertEquals(served.failures, []);
});

Deno.test("an admin command is answered while other connections are flooded with data", async () => {
  await using served = serve();
  await using admin = await dial(served);
  assertEquals((await admin.host.connect(served.nqn)).status, OK);
  assert(await admin.host.enable());
  const counter = new Int32Array(new SharedArrayBuffer(8));
  const { nqn, server: { address: { port } } } = served;
  const floods = [1, 2].map((qid) => {
    const thread = new Worker(new URL("../support/flood_worker.ts", import.meta.url).href, {
      type: "module",
    });
    const over = new Promise((resolve) => thread.onmessage = resolve);
    const { cntlid } = admin.host;
    const flood: Flood = { port, nqn, cntlid, qid, depth: 100, blocks: 256, counter };
    thread.postMessage(flood);
    return { thread, over };
  });
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  while (Atomics.load(counter, 0) < 200) await pause(10);
  const waited: number[] = [];
  for (let round = 0; round < 30; round++) {
    const before = Atomics.load(counter, 0);
    assertEquals((await admin.host.submit({ opcode: 0x18 })).status, OK);
    waited.push(Atomics.load(counter, 0) - before);
    await pause(5);
  }
  Atomics.store(counter, 1, 1);
  for (const { thread, over } of floods) {
    await over;
    thread.terminate();
  }
  // Of 128 KiB each: an answer takes some rounds of 256 KiB for each connection.
  const median = waited.toSorted((one, other) => one - other)[15] ?? Infinity;
  assert(median < 30, `reads that were answered before it: ${waited}`);
});

Deno.test("stopping ends connections, frees the port and leaves nothing behind", async () => {
  const served = serve();
  const { port } = served.server.address;
  await using admin = await dial(served);
  await admin.host.connect(served.nqn);
  await served.server.stop();
  await admin.ended;
  assertEquals(served.target.connections.size, 0);
  await assertRejects(() => Deno.connect({ port }), Deno.errors.ConnectionRefused);
});

Deno.test("a host that goes away without a word gives its controller back", async () => {
  await using served = serve();
  {
    await using admin = await dial(served);
    assertEquals((await admin.host.connect(served.nqn)).status, OK);
  }
  for (let tries = 0; served.target.connections.size > 0 && tries < 100; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await using next = await dial(served);
  assertEquals((await next.host.connect(served.nqn)).status, OK);
});

Deno.test("connections beyond the limit are closed, and those within it are served", async () => {
  await using served = serve({ connections: 1 });
  await using admin = await dial(served);
  assertEquals((await admin.host.connect(served.nqn)).status, OK);
  await using tooMany = await dialTcp(served.server.address.port);
  await tooMany.ended;
  assertEquals(await admin.host.enable(), true);
});

Deno.test("a host that does not read is given up after a while", async () => {
  await using served = serve({ outgoingBytes: 200_000, stalledMs: 200 });
  await using admin = await dial(served);
  await admin.host.connect(served.nqn);
  assert(await admin.host.enable());
  const stream = await Deno.connect({ hostname: "127.0.0.1", port: served.server.address.port });
  await stream.write(greedy(served.nqn, admin.host.cntlid));
  // Nobody reads `stream`: what it asked for piles up, until the target has had enough.
  for (let tries = 0; served.target.connections.size > 1 && tries < 300; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assertEquals(served.target.connections.size, 1, "the admin queue is left");
  stream.close();
});

Deno.test("stopping does not wait for a host that does not read", async () => {
  const served = serve();
  await using admin = await dial(served);
  await admin.host.connect(served.nqn);
  assert(await admin.host.enable());
  const stream = await Deno.connect({ hostname: "127.0.0.1", port: served.server.address.port });
  await stream.write(greedy(served.nqn, admin.host.cntlid));
  const io = (): boolean => [...served.target.connections].some(({ queue }) => queue.qid === 1);
  while (!io()) await new Promise((resolve) => setTimeout(resolve, 10));
  await new Promise((resolve) => setTimeout(resolve, 100));
  const started = performance.now();
  await served.server.stop();
  assert(performance.now() - started < 10_000);
  stream.close();
  // The write that waited ends with that.
  await new Promise((resolve) => setTimeout(resolve, 50));
});

/** What a host sends that connects an I/O queue and reads 25 MB, whatever it hears. */
function greedy(nqn: string, cntlid: number): Uint8Array {
  const pieces: number[] = [];
  const host = new TcpHost({
    accept: () =>
      ({ receive: (bytes: Uint8Array) => void pieces.push(...bytes) }) as unknown as TcpConnection,
  });
  host.initialize();
  void host.connect(nqn, { qid: 1, cntlid, entries: 128 });
  for (let count = 0; count < 100; count++) {
    void host.submit({ opcode: 2, nsid: 1, cdw12: 511, length: 512 * BLOCK });
  }
  return Uint8Array.from(pieces);
}
