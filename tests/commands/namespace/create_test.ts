// nvmectl namespace create and the verbs beside it, on a drive with room.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { namespaceAttach, namespaceDetach } from "../../../src/commands/namespace/attach.ts";
import { namespaceCreate } from "../../../src/commands/namespace/create.ts";
import { namespaceDelete } from "../../../src/commands/namespace/delete.ts";
import { namespaceListVerb } from "../../../src/commands/namespace/list.ts";
import { SafetyError, StatusError, UsageError } from "../../../src/errors.ts";
import { runCommand, virtualDrive } from "../../support/context.ts";

function bench() {
  return { drive: virtualDrive("spacious").transport };
}

Deno.test("namespace create --attach makes, attaches, and prints the new identifier", async () => {
  const around = bench();
  const { report, text } = await runCommand(
    namespaceCreate,
    ["--size", "1GiB", "--attach"],
    around,
  );
  const nsid = report.json["nsid"];
  assertEquals(report.json["size_bytes"], 2 ** 30);
  assertStringIncludes(text, `namespace ${nsid} of virtual:spacious`);
  const listed = await runCommand(namespaceListVerb, [], around);
  const found = (listed.report.json["namespaces"] as readonly Record<string, unknown>[])
    .find((one) => one["nsid"] === nsid);
  assertEquals([found?.["active"], found?.["size_bytes"]], [true, 2 ** 30]);
});

Deno.test("namespace create --print nsid prints nothing else, for scripts", async () => {
  const { text, report } = await runCommand(
    namespaceCreate,
    ["--size", "1MiB", "--print", "nsid"],
    bench(),
  );
  assertEquals(text.trim(), `${report.json["nsid"]}`);
});

Deno.test("namespace create without attaching says how to attach it", async () => {
  const { text, report } = await runCommand(namespaceCreate, ["--blocks", "0x800"], bench());
  assertStringIncludes(text, `nvmectl namespace attach virtual:spacious --namespace`);
  assertEquals(report.json["nsze"], 2048);
});

Deno.test("a namespace that was created and cannot be attached is not forgotten", async () => {
  const error = await assertRejects(
    () =>
      runCommand(
        namespaceCreate,
        ["--size", "1MiB", "--attach", "--controllers", "99"],
        bench(),
      ),
    StatusError,
  );
  assertStringIncludes(error.next ?? "", "was created and stays");
});

Deno.test("a namespace for one controller is not made to be attached to several", async () => {
  const around = bench();
  const before = await runCommand(namespaceListVerb, [], around);
  const words = ["--size", "1MiB", "--attach", "--controllers", "1,2"];
  await assertRejects(
    () => runCommand(namespaceCreate, words, around),
    UsageError,
    "Cannot attach it to 2 controllers: without --shared",
  );
  assertEquals((await runCommand(namespaceListVerb, [], around)).report, before.report);
});

Deno.test("what the drive's granularity leaves of no use is a notice", async () => {
  const { context } = await runCommand(namespaceCreate, ["--size", "1536KiB"], bench());
  assertEquals(context.notices, [
    "the drive allocates multiples of 1 MiB: 512 KiB will be of no use",
  ]);
  const even = await runCommand(namespaceCreate, ["--size", "2MiB"], bench());
  assertEquals(even.context.notices, []);
});

Deno.test("a format by its number has no other block size or metadata than its own", async () => {
  for (const option of ["--block-size", "--metadata"]) {
    await assertRejects(
      () =>
        runCommand(
          namespaceCreate,
          ["--size", "1MiB", "--lba-format", "0", option, "4096"],
          bench(),
        ),
      UsageError,
      `Cannot use --lba-format with ${option}`,
    );
  }
});

Deno.test("the size is said exactly once", async () => {
  const refusal = async (...words: string[]): Promise<string> =>
    (await assertRejects(() => runCommand(namespaceCreate, words, bench()), UsageError)).message;
  assertStringIncludes(await refusal(), "how large is missing");
  assertStringIncludes(await refusal("--all", "--size", "1GB"), "more than once");
  assertStringIncludes(await refusal("--blocks", "0"), "0 blocks");
  assertStringIncludes(await refusal("--size", "1GB", "--controllers", "1"), "--attach");
});

Deno.test("namespace delete confirms what is lost, and gives the capacity back", async () => {
  const around = bench();
  const { report: made } = await runCommand(namespaceCreate, ["--size", "1GiB"], around);
  const nsid = `${made.json["nsid"]}`;
  const { report, context } = await runCommand(
    namespaceDelete,
    ["--namespace", nsid],
    around,
  );
  assertStringIncludes(context.confirmed[0]?.action ?? "", `Delete namespace ${nsid} (1.07 GB)`);
  assertEquals(context.confirmed[0]?.namespaces, [Number(nsid)]);
  assertEquals(context.confirmed[0]?.keepsData, undefined);
  assertEquals(report.json["deleted"], [Number(nsid)]);
});

Deno.test("a delete that is not confirmed deletes nothing", async () => {
  const around = bench();
  const before = await runCommand(namespaceListVerb, [], around);
  await assertRejects(
    () =>
      runCommand(namespaceDelete, ["--namespace", "1"], {
        ...around,
        confirm: () => {
          throw new SafetyError("Cannot delete: no");
        },
      }),
    SafetyError,
  );
  assertEquals((await runCommand(namespaceListVerb, [], around)).report, before.report);
});

Deno.test("a namespace that there is not is refused with those that there are", async () => {
  const verbs = { delete: namespaceDelete, attach: namespaceAttach, detach: namespaceDetach };
  for (const [word, verb] of Object.entries(verbs)) {
    await assertRejects(
      () => runCommand(verb, ["--namespace", "9999"], bench()),
      UsageError,
      `Cannot ${word} namespace 9999: virtual`,
    );
  }
  await assertRejects(
    () => runCommand(namespaceDelete, [], bench()),
    UsageError,
    "which one is missing",
  );
});

Deno.test("detach confirms, keeps the data, and is forbidden by use", async () => {
  const around = bench();
  const { report: made } = await runCommand(
    namespaceCreate,
    ["--size", "1MiB", "--attach"],
    around,
  );
  const nsid = `${made.json["nsid"]}`;
  const { context, text } = await runCommand(namespaceDetach, ["--namespace", nsid], around);
  const [plan] = context.confirmed;
  assertEquals([plan?.keepsData, plan?.whileInUse], [true, undefined]);
  assertStringIncludes(text, "no controller");
  const attached = await runCommand(namespaceAttach, ["--namespace", nsid], around);
  assertEquals((attached.report.json["controllers"] as unknown[]).length, 1);
});
