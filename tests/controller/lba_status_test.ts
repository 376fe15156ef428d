// Get LBA Status: which questions are asked, and when there is nothing left to ask.

import { assertEquals, assertRejects } from "@std/assert";
import { Drive } from "../../src/controller/drive.ts";
import {
  getLbaStatus,
  lbaRange,
  type LbaStatusAction,
  type LbaStatusWatch,
} from "../../src/controller/lba_status.ts";
import { MalformedError, UnsupportedError, UsageError } from "../../src/errors.ts";
import { IdentifyController } from "../../src/spec/identify/identify_controller.ts";
import { IdentifyNamespace } from "../../src/spec/identify/identify_namespace.ts";
import { encodeLbaStatus, type LbaStatusRange } from "../../src/spec/lba_status.ts";
import { virtualDrive } from "../support/context.ts";
import { type Exchange, scriptedTransport } from "../support/scripted.ts";

const BLOCKS = 1_000_000n;

function controller(glss = true): Exchange {
  return {
    expect: { opcode: 0x06, cdw10: 1 },
    data: IdentifyController.encode({ oacs: { glss } }),
  };
}

const NAMESPACE: Exchange = {
  expect: { opcode: 0x06, cdw10: 0, nsid: 1 },
  data: IdentifyNamespace.encode({ nsze: BLOCKS, lbaf: [{ lbads: 9 }] }),
};

function range(start: number, blocks: number, writtenUncorrectable = false): LbaStatusRange {
  return { start: BigInt(start), blocks, unrecovered: true, writtenUncorrectable };
}

/** One question and its answer. */
function answer(
  expect: Exchange["expect"],
  completion: number,
  ranges: readonly LbaStatusRange[],
): Exchange {
  return { expect, data: encodeLbaStatus({ completion, ranges }) };
}

async function ask(
  script: readonly Exchange[],
  { start = 0n, blocks = BLOCKS, action = "tracked", ...watch }:
    & { start?: bigint; blocks?: bigint; action?: LbaStatusAction }
    & LbaStatusWatch = {},
): Promise<readonly LbaStatusRange[]> {
  const transport = scriptedTransport([controller(), NAMESPACE, ...script]);
  const found = await getLbaStatus(
    new Drive(transport),
    { nsid: 1, action, start, blocks },
    watch,
  );
  transport.done();
  return found;
}

Deno.test("the whole namespace is one question: length 0, a page of room, the action at the top", async () => {
  const actions = [["allocated", 0x0200_0000], ["scan", 0x1000_0000], ["tracked", 0x1100_0000]];
  for (const [action, cdw13] of actions as [LbaStatusAction, number][]) {
    const found = await ask([
      answer(
        {
          queue: "admin",
          opcode: 0x86,
          nsid: 1,
          cdw10: 0,
          cdw11: 0,
          cdw12: 1023,
          cdw13,
          direction: "in",
          length: 4096,
          ...(action === "scan" ? { slow: true, timeoutMs: 600_000 } : {}),
        },
        2,
        [range(5, 3)],
      ),
    ], { action });
    assertEquals(found, [range(5, 3)]);
  }
});

Deno.test("a first block beyond 32 bits is in both dwords", async () => {
  const script = scriptedTransport([
    controller(),
    {
      ...NAMESPACE,
      data: IdentifyNamespace.encode({ nsze: 2n ** 40n, lbaf: [{ lbads: 9 }] }),
    },
    answer({ cdw10: 0x0000_0002, cdw11: 0x12, cdw13: 0x1100_0008 }, 2, []),
  ]);
  await getLbaStatus(new Drive(script), {
    nsid: 1,
    action: "tracked",
    start: 0x12_0000_0002n,
    blocks: 8n,
  });
  script.done();
});

Deno.test("an answer that was cut is gone on with behind what it told", async () => {
  const found = await ask([
    answer({ cdw10: 0, cdw13: 0x1100_0000 }, 1, [range(10, 5), range(100, 50)]),
    answer({ cdw10: 150, cdw13: 0x1100_0000 }, 1, [range(150, 10), range(200, 1)]),
    answer({ cdw10: 201 }, 2, []),
  ]);
  assertEquals(found, [range(10, 5), range(100, 60), range(200, 1)]);
});

Deno.test("an answer that does not say why it ended was all, unless there was no room for more", async () => {
  assertEquals(await ask([answer({ cdw10: 0 }, 0, [range(1, 1)])]), [range(1, 1)]);
  const full = Array.from({ length: 255 }, (_, at) => range(2 * at, 1));
  const found = await ask([
    answer({ cdw10: 0 }, 0, full),
    answer({ cdw10: 509 }, 0, []),
  ]);
  assertEquals(found, full);
});

Deno.test("a short part is asked for by its length", async () => {
  await ask(
    [answer({ cdw10: 1000, cdw13: 0x1100_ffff }, 2, [])],
    { start: 1000n, blocks: 0xffffn },
  );
});

Deno.test("of a long part in the middle no more is scanned than was asked for", async () => {
  const progress: number[] = [];
  const found = await ask([
    answer({ cdw10: 0, cdw13: 0x1000_ffff }, 2, [range(65_000, 535)]),
    answer({ cdw10: 65_535, cdw13: 0x1000_ffff }, 2, [range(65_535, 10)]),
    answer({ cdw10: 131_070, cdw13: 0x1000_0002 }, 2, []),
  ], { blocks: 131_072n, action: "scan", onProgress: (fraction) => progress.push(fraction) });
  assertEquals(found, [range(65_000, 545)], "what a question cut apart is one range");
  assertEquals(progress.at(-1), 1);
});

Deno.test("of a long part in the middle what is known is asked at once, and cut to the part", async () => {
  const found = await ask([
    answer({ cdw10: 100, cdw13: 0x1100_0000 }, 1, [range(50, 60), range(199_990, 100)]),
  ], { start: 100n, blocks: 199_900n });
  assertEquals(found, [range(100, 10), range(199_990, 10)]);
});

Deno.test("ranges of different status stay apart", async () => {
  const found = await ask([answer({}, 2, [range(10, 5), range(15, 5, true)])]);
  assertEquals(found, [range(10, 5), range(15, 5, true)]);
});

Deno.test("a drive that says that there is more and tells nothing is given up", async () => {
  const script = Array.from({ length: 8 }, () => answer({ cdw10: 0 }, 1, []));
  await assertRejects(() => ask(script), MalformedError, "more from block 0 on");
});

Deno.test("a signal ends it between two questions", async () => {
  const stop = new AbortController();
  await assertRejects(
    () =>
      ask([answer({}, 1, [range(1, 1)])], {
        signal: stop.signal,
        onProgress: () => stop.abort(new Error("enough")),
      }),
    Error,
    "enough",
  );
});

Deno.test("a drive without the command is told what else there is", async () => {
  const drive = new Drive(scriptedTransport([controller(false)]));
  const error = await assertRejects(
    () => getLbaStatus(drive, { nsid: 1, action: "tracked", start: 0n, blocks: 1n }),
    UnsupportedError,
    "OACS, bit 9",
  );
  assertEquals(error.next?.includes("read --skip-errors"), true);
});

Deno.test("the part is by default all of the namespace, and never more", async () => {
  const drive = new Drive(virtualDrive().transport);
  const whole = { start: 0n, blocks: 1_953_525_168n };
  assertEquals(await lbaRange(drive, 1, {}), whole);
  assertEquals(await lbaRange(drive, 1, { start: 168n }), {
    start: 168n,
    blocks: 1_953_525_000n,
  });
  for (
    const part of [{ start: whole.blocks }, { blocks: 0n }, {
      start: 1n,
      ...{ blocks: whole.blocks },
    }]
  ) {
    await assertRejects(() => lbaRange(drive, 1, part), UsageError, "namespace 1 has");
  }
  await assertRejects(
    () => lbaRange(drive, 1, { start: 99_999_999_999n }),
    UsageError,
    "Cannot look at blocks from 99999999999 on: namespace 1 has 1953525168",
  );
  await assertRejects(() => lbaRange(drive, 2, {}), UsageError, "no such active namespace");
});

Deno.test("a virtual drive tells what was damaged, however often it must be asked", async () => {
  const { drive: model, transport } = virtualDrive();
  const media = model.store.find(1)?.media;
  for (let at = 0; at < 600; at++) media?.damage(10 * at, 2, "found");
  const drive = new Drive(transport);
  const all = await lbaRange(drive, 1, {});
  const found = await getLbaStatus(drive, { nsid: 1, action: "tracked", ...all });
  assertEquals(found.length, 600);
  assertEquals(found[599], range(5990, 2));
  media?.damage(9_000, 4, "latent");
  const part = { nsid: 1, start: 8_999n, blocks: 3n } as const;
  assertEquals(await getLbaStatus(drive, { ...part, action: "tracked" }), []);
  assertEquals(await getLbaStatus(drive, { ...part, action: "scan" }), [range(9_000, 2)]);
});
