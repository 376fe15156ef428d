// What lets a command that may change something leave our own driver.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { authorizeWrite } from "../../src/cli/authorize.ts";
import type { DestroyPlan } from "../../src/cli/command.ts";
import { Drive } from "../../src/controller/drive.ts";
import { SafetyError } from "../../src/errors.ts";
import type { Command } from "../../src/transport/transport.ts";
import { openVirtual } from "../../src/open/virtual.ts";

const SET_FEATURES: Command = { queue: "admin", opcode: 0x09, cdw10: 0x10 };
const WRITE: Command = { queue: "io", opcode: 0x01, nsid: 1 };

async function attempt(command: Command, allowed: boolean): Promise<readonly DestroyPlan[]> {
  const { transport } = await openVirtual("");
  await using drive = new Drive(transport);
  const asked: DestroyPlan[] = [];
  await authorizeWrite(command, {
    drive,
    verb: "raw",
    allowed,
    confirm(plan) {
      asked.push(plan);
      return Promise.resolve({ [Symbol.dispose]() {} });
    },
  });
  return asked;
}

Deno.test("without --allow-write nothing is asked and nothing may leave", async () => {
  const error = await assertRejects(() => attempt(WRITE, false), SafetyError);
  assertStringIncludes(error.message, "Cannot send Write: our own driver only reads");
  assertStringIncludes(error.next ?? "", "nvmectl raw --allow-write");
});

Deno.test("with --allow-write the user confirms the command and the namespace it is for", async () => {
  const [plan] = await attempt(WRITE, true);
  assertEquals(plan?.action, "Send Write, which may change the drive");
  assertEquals(plan?.namespaces, [1]);
});

Deno.test("a command without a namespace is confirmed for all of them", async () => {
  const [plan] = await attempt(SET_FEATURES, true);
  assertEquals(plan?.namespaces, "all");
});

Deno.test("while the drive is being opened nothing may leave that could change it", async () => {
  await assertRejects(
    () =>
      authorizeWrite(WRITE, {
        drive: undefined,
        verb: "raw",
        allowed: true,
        confirm: () => Promise.reject(new Error("asked")),
      }),
    SafetyError,
  );
});
