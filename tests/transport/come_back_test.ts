// Waiting for a controller after a reset of its NVM subsystem.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { DeadlineError, UnreachableError } from "../../src/errors.ts";
import { untilItAnswers } from "../../src/transport/come_back.ts";
import type { Command, Completion } from "../../src/transport/transport.ts";

/** A controller that answers as `answers` say, the last one for ever, and time that it takes. */
function bench(...answers: readonly (Completion | UnreachableError)[]) {
  const clock = {
    time: 0,
    now: () => clock.time,
    pause(ms: number): Promise<void> {
      clock.time += ms;
      return Promise.resolve();
    },
  };
  const commands: Command[] = [];
  const transport = {
    target: "/dev/nvme0",
    allocate: (length: number) => ({ bytes: new Uint8Array(length), [Symbol.dispose]() {} }),
    submit(command: Command): Promise<Completion> {
      commands.push(command);
      const answer = answers[Math.min(commands.length, answers.length) - 1] ?? GOOD;
      return answer instanceof UnreachableError ? Promise.reject(answer) : Promise.resolve(answer);
    },
  };
  return { clock, commands, wait: () => untilItAnswers(transport, clock) };
}

const GOOD: Completion = { status: 0, result: 0n };
const LOST = new UnreachableError("the kernel gave it up", { code: "EIO" });

Deno.test("a controller is back when it says again what it is", async () => {
  const { clock, commands, wait } = bench(LOST, { status: 0x6, result: 0n }, LOST, GOOD);
  await wait();
  assertEquals(commands.map(({ opcode, cdw10 }) => [opcode, cdw10]), Array(4).fill([0x06, 1]));
  assertEquals(clock.time, 1500);
});

Deno.test("a controller that the kernel removed is not waited for", async () => {
  for (const code of ["ENODEV", "ENXIO"]) {
    const { commands, wait } = bench(LOST, new UnreachableError("the drive is gone", { code }));
    const error = await assertRejects(wait, UnreachableError, "the kernel removed it");
    assertEquals([error.code, commands.length], [code, 2]);
    assertStringIncludes(error.next ?? "", "nvmectl list");
  }
});

Deno.test("a controller that does not come back is waited for so long and no longer", async () => {
  const { clock, wait } = bench(LOST);
  const error = await assertRejects(wait, DeadlineError);
  assertEquals(clock.time, error.limitMs);
  assertStringIncludes(error.message, "/dev/nvme0 to answer after a reset of its NVM subsystem");
});
