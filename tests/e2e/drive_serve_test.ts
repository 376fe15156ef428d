// The compiled program serves a drive: hosts on loopback, faults over the control socket, its end.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { nvmectl } from "../support/binary.ts";
import { inFolder, Serving } from "../support/serving.ts";

const WRITE = 0x01;
const READ = 0x02;
const IDENTIFY = 0x06;

Deno.test("a host identifies a served drive over loopback", () =>
  inFolder(async (folder) => {
    await using serving = await Serving.start(folder, ["virtual:"]);
    await using admin = await serving.connect();
    const { status, data } = await admin.host.submit({ opcode: IDENTIFY, cdw10: 1, length: 4096 });
    assertEquals(status, "00h/00h");
    assertStringIncludes(new TextDecoder().decode(data.subarray(4, 24)), "VIRTUAL0001");
  }));

Deno.test("a fault is injected, seen, listed and cleared while the drive is served", () =>
  inFolder(async (folder) => {
    await using serving = await Serving.start(folder, ["virtual:"]);
    await using admin = await serving.connect();
    const vendor = { opcode: 0xc0, cdw10: 10, cdw11: 5 };
    assertEquals((await admin.host.submit(vendor)).status, "00h/01h");
    const injected = await serving.drive("inject", "sum", "-o", "json");
    assertEquals([injected.code, JSON.parse(injected.stdout).name], [0, "sum"]);
    assertEquals((await admin.host.submit(vendor)).dw0, 15);
    assertMatch((await serving.drive("plugins")).stdout, /^sum +scenario/m);
    assertMatch((await serving.drive("taps", "--stats")).stdout, /decode +sum +[1-9]/);
    assertStringIncludes((await serving.drive("clear", "sum")).stdout, "Ended: sum");
    assertEquals((await admin.host.submit(vendor)).status, "00h/01h");
  }));

Deno.test("a plug-in file is loaded into a drive that runs, JavaScript or TypeScript", () =>
  inFolder(async (folder) => {
    const source = (type: string): string =>
      `export function setup(taps${type}) {
        taps.attach("nvme:admin:decode", ({ command }) =>
          command.opcode === 0xc4 ? { kind: "claim", dw0: command.cdw10 * 2 } : undefined);
      }`;
    await Deno.writeTextFile(`${folder}/double.js`, source(""));
    await Deno.writeTextFile(`${folder}/double.ts`, source(": any"));
    await using serving = await Serving.start(folder, ["virtual:"]);
    await using admin = await serving.connect();
    for (const file of ["double.js", "double.ts"]) {
      const loaded = await serving.drive("plugins", "--load", file);
      assertEquals([loaded.code, loaded.stderr], [0, ""]);
      assertEquals((await admin.host.submit({ opcode: 0xc4, cdw10: 21 })).dw0, 42, file);
      await serving.drive("clear", "--all");
    }
    await Deno.writeTextFile(`${folder}/bad.js`, "export const nothing = 1;");
    const bad = await serving.drive("plugins", "--load", "bad.js");
    assertEquals([bad.code, bad.stdout], [2, ""]);
    assertStringIncludes(bad.stderr, "Cannot load bad.js: TypeError: it exports no function setup");
  }));

Deno.test("the README's plug-in does what the README says", () =>
  inFolder(async (folder) => {
    const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
    const [, source = ""] = /^ {4}\/\/ slow_and_bad\.js: .*\n((?: {4}.*\n)+)/m.exec(readme) ?? [];
    await Deno.writeTextFile(`${folder}/slow_and_bad.js`, source);
    await using serving = await Serving.start(folder, ["--plugin", "slow_and_bad.js"]);
    await using _admin = await serving.connect();
    await using io = await dialQueue(serving);
    const read = async (lba: number): Promise<readonly [status: string, ms: number]> => {
      const started = performance.now();
      const { status } = await io.host.submit({ opcode: READ, nsid: 1, cdw10: lba, length: 512 });
      return [status, performance.now() - started];
    };
    assertEquals((await read(4096))[0], "02h/81h");
    const times: number[] = [];
    for (let lba = 0; lba < 100; lba++) times.push((await read(lba))[1]);
    assertEquals(times.toSorted((one, other) => other - one)[0], times[99], "the last is slowest");
    assert((times[99] ?? 0) >= 250);
  }));

Deno.test("SIGTERM ends a served drive soon though a fault holds commands back for minutes", () =>
  inFolder(async (folder) => {
    const latency = "latency:ms=600000,probability=100";
    await using serving = await Serving.start(folder, ["virtual:", "--scenario", latency]);
    await using admin = await serving.connect();
    await using io = await dialQueue(serving);
    void io.host.submit({ opcode: READ, nsid: 1, length: 512 });
    assertEquals((await admin.host.submit({ opcode: 0x18 })).status, "00h/00h");
    const from = performance.now();
    const { code, stderr } = await serving.stop();
    assertEquals(code, 0, stderr);
    assert(performance.now() - from < 10_000, stderr);
    await io.ended;
  }));

Deno.test("SIGTERM ends a served drive with its data written, and status 0", () =>
  inFolder(async (folder) => {
    assertEquals((await nvmectl(["drive", "new", "d.json"], { cwd: folder })).code, 0);
    const block = new Uint8Array(512).fill(0x5a);
    {
      await using serving = await Serving.start(folder, ["virtual:d.json"]);
      await using admin = await serving.connect();
      await using io = await dialQueue(serving);
      assertEquals(
        (await io.host.submit({ opcode: WRITE, nsid: 1, out: block, inCapsule: 8192 })).status,
        "00h/00h",
      );
      const { code, stderr } = await serving.stop();
      assertEquals(code, 0, stderr);
      await admin.ended;
    }
    const { stdoutBytes } = await nvmectl(
      [
        "raw",
        "io",
        "virtual:d.json",
        "--opcode",
        "2",
        "--nsid",
        "1",
        "--data-in",
        "512",
        "-o",
        "raw",
      ],
      { cwd: folder },
    );
    assertEquals(stdoutBytes, block);
  }));

Deno.test("a killed drive keeps what was flushed, and has lost its power", () =>
  inFolder(async (folder) => {
    await nvmectl(["drive", "new", "d.json"], { cwd: folder });
    const block = new Uint8Array(512).fill(0x77);
    {
      await using serving = await Serving.start(folder, ["virtual:d.json"]);
      await using _admin = await serving.connect();
      await using io = await dialQueue(serving);
      const write = { opcode: WRITE, nsid: 1, inCapsule: 8192 };
      await io.host.submit({ ...write, out: block });
      assertEquals((await io.host.submit({ opcode: 0x00, nsid: 1 })).status, "00h/00h");
      await io.host.submit({ ...write, cdw10: 9, out: block });
      await serving.stop("SIGKILL");
    }
    await using serving = await Serving.start(folder, ["virtual:d.json"]);
    await using admin = await serving.connect();
    await using io = await dialQueue(serving);
    const read = async (lba: number): Promise<Uint8Array> =>
      (await io.host.submit({ opcode: READ, nsid: 1, cdw10: lba, length: 512 })).data;
    assertEquals(await read(0), block);
    assertEquals(await read(9), new Uint8Array(512), "what was only in the cache is lost");
    const smart = await admin.host.submit({
      opcode: 0x02,
      nsid: 0xffffffff,
      cdw10: 0x007f0002,
      length: 512,
    });
    assertEquals(new DataView(smart.data.buffer).getUint8(144) > 0, true, "unsafe shutdowns");
  }));

Deno.test("a power cut loses the cache and ends the connections", () =>
  inFolder(async (folder) => {
    await using serving = await Serving.start(folder, ["virtual:"]);
    await using admin = await serving.connect();
    await using io = await dialQueue(serving);
    const out = new Uint8Array(512).fill(1);
    await io.host.submit({ opcode: WRITE, nsid: 1, out, inCapsule: 8192 });
    const cut = await serving.drive("powercut", "-o", "json");
    assertEquals(JSON.parse(cut.stdout).lost_blocks, 1);
    await Promise.all([admin.ended, io.ended]);
    await using _again = await serving.connect();
  }));

Deno.test("a snapshot is a drive of its own, with everything that was stored", () =>
  inFolder(async (folder) => {
    await using serving = await Serving.start(folder, ["virtual:"]);
    await using _admin = await serving.connect();
    await using io = await dialQueue(serving);
    const block = new Uint8Array(512).fill(0x33);
    await io.host.submit({ opcode: WRITE, nsid: 1, cdw10: 100, out: block, inCapsule: 8192 });
    const path = `${folder}/copy.json`;
    const { code, stderr } = await serving.drive("snapshot", path);
    assertEquals(code, 0, stderr);
    const { stdoutBytes } = await nvmectl([
      ...["raw", "io", `virtual:${path}`, "--opcode", "2", "--nsid", "1", "--cdw10", "100"],
      ...["--data-in", "512", "-o", "raw"],
    ]);
    assertEquals(stdoutBytes, block);
    assertEquals((await serving.drive("snapshot", path)).code, 2, "nothing is overwritten");
    await inFolder(async (elsewhere) => {
      const words = ["drive", "snapshot", "mine.json", "--control", serving.control];
      assertEquals((await nvmectl(words, { cwd: elsewhere })).code, 0);
      assertEquals((await Deno.stat(`${elsewhere}/mine.json`)).isFile, true);
    });
  }));

Deno.test("a live trace shows commands as they come", () =>
  inFolder(async (folder) => {
    await using serving = await Serving.start(folder, ["virtual:"]);
    const child = new Deno.Command(new URL("../../build/nvmectl", import.meta.url), {
      args: ["drive", "trace", "--control", serving.control],
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    const reading = (async () => {
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        text += part.value;
      }
    })();
    await using admin = await serving.connect();
    for (let round = 0; round < 100 && !/OPC=Identify/.test(text); round++) {
      await admin.host.submit({ opcode: IDENTIFY, cdw10: 1, length: 4096 });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    child.kill("SIGINT");
    const { code } = await child.status;
    await reading;
    await child.stderr.cancel();
    assertEquals(code, 130);
    assertMatch(text, /^\[ *\d+\] \d+:\d{9} virtual: ADM SQ=0 CID=\w{4} OPC=Identify NSID=0 /m);
    assertMatch(text, /^\[ *\d+\] \d+:\d{9} virtual: CPL SQ=0 CID=\w{4} P=1 STS=0x0000 /m);
  }));

Deno.test("what cannot be served is refused, with the exit status of the reason", () =>
  inFolder(async (folder) => {
    const refused = async (...words: string[]): Promise<readonly [number, string]> => {
      const { code, stderr, stdout } = await nvmectl(["drive", ...words], { cwd: folder });
      assertEquals(stdout, "");
      return [code, stderr.split("\n")[0] ?? ""];
    };
    assertEquals(await refused("serve", "/dev/nvme0"), [
      2,
      'nvmectl: Cannot serve "/dev/nvme0": only virtual drives are served',
    ]);
    assertEquals((await refused("serve", "virtual:nosuch"))[0], 2);
    assertEquals((await refused("serve", "--tcp", "x"))[0], 2);
    assertEquals((await refused("serve", "--scenario", "x"))[0], 2);
    assertEquals((await refused("serve", "--plugin", "missing.js"))[0], 2);
    const [code, said] = await refused("inject", "sum", "--control", `${folder}/none.sock`);
    assertEquals(code, 4);
    assert(said.startsWith("nvmectl: Cannot reach a drive at "), said);
  }));

Deno.test("a port in use, or a socket in use, is refused with exit status 4", () =>
  inFolder(async (folder) => {
    await using serving = await Serving.start(folder, ["virtual:"]);
    const taken = await nvmectl(["drive", "serve", "--tcp", `${serving.port}`]);
    assertEquals(taken.code, 4);
    assertStringIncludes(taken.stderr, `Cannot listen on 127.0.0.1:${serving.port}`);
    assertStringIncludes(taken.stderr, "choose another port");
    const socket = await nvmectl(["drive", "serve", "--tcp", "0", "--control", serving.control]);
    assertEquals(socket.code, 4);
    assertStringIncludes(socket.stderr, "another drive is served there");
  }));

Deno.test("an address that is not this machine's is refused as that, with exit status 4", async () => {
  // The second is set aside for documents, and no machine's.
  for (const host of ["127.9.9.9.9", "203.0.113.5"]) {
    const { code, stderr } = await nvmectl(["drive", "serve", "--tcp", `${host}:4420`]);
    assertEquals(code, 4);
    assertStringIncludes(stderr, `Cannot listen on ${host}:4420`);
    assertStringIncludes(stderr, "give --tcp an address of this machine");
  }
});

/** A first I/O queue beside the admin queue. */
async function dialQueue(serving: Serving): Promise<Awaited<ReturnType<Serving["connect"]>>> {
  const { dialTcp } = await import("../support/tcp_dial.ts");
  const dialled = await dialTcp(serving.port);
  await dialled.initialize();
  const { status } = await dialled.host.connect(serving.subnqn, { qid: 1, cntlid: 1 });
  assertEquals(status, "00h/00h");
  return dialled;
}
