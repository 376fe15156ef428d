// Tests of what is refused while the drive is busy with all of its media.

import { assert, assertEquals } from "@std/assert";
import { startSanitize } from "../../../src/drive/model/sanitize.ts";
import { variant } from "../../../src/drive/personality.ts";
import { Bench, INVALID_OPCODE, OK, personality } from "../bench.ts";

const SANITIZE_IN_PROGRESS = "00h/1Dh";

Deno.test("A vendor command that a plug-in brings is no matter of sanitize", async () => {
  const bench = new Bench();
  await bench.admin(0x84, { cdw10: 2 });
  assertEquals((await bench.admin(0xc0)).status, INVALID_OPCODE);
  bench.drive.taps.attach(
    "nvme:admin:decode",
    (context) =>
      context.kind === "command" && context.command.opcode === 0xc0
        ? { kind: "claim", dw0: 1 }
        : undefined,
  );
  assertEquals((await bench.admin(0xc0)).status, OK);
});

Deno.test("A sanitize operation of one controller stops all, and tells its own host", async () => {
  const bench = new Bench(variant(personality(""), { controllers: 2 }));
  const [first, second] = bench.drive.controllers;
  assert(first && second);
  const told = bench.admin(0x0c).then(() => "first");
  startSanitize(second, 4, 0);
  assertEquals((await bench.io(0x02, { nsid: 1, length: 512 })).status, SANITIZE_IN_PROGRESS);
  // Which namespace is meant does not matter: nothing is read.
  assertEquals((await bench.io(0x02, { nsid: 99, length: 512 })).status, SANITIZE_IN_PROGRESS);
  bench.advance(2_000);
  bench.drive.settle();
  assertEquals(await Promise.race([told, Promise.resolve("nobody")]), "nobody");
  assertEquals(second.controller.pendingEvents.map(({ lid }) => lid), [0x81]);
  assertEquals((await bench.io(0x02, { nsid: 1, length: 512 })).status, OK);
});

Deno.test("Keep Alive, Abort and Identify never wait", async () => {
  const bench = new Bench();
  await bench.admin(0x84, { cdw10: 2 });
  for (const opcode of [0x18, 0x08]) assertEquals((await bench.admin(opcode)).status, OK);
  assertEquals((await bench.identify(0x00, { nsid: 1 })).status, OK);
});
