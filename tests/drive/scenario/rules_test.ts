// Tests of declarative rules: what they match, how often, and what is wrong with bad ones.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { rulesPlugin } from "../../../src/drive/scenario/rules.ts";
import { UsageError } from "../../../src/errors.ts";
import type { Json } from "../../../src/layout/mod.ts";
import { Bench, OK } from "../bench.ts";

const SCHEMA = "nvmectl.rules/1";

async function ruled(...rules: Json[]): Promise<Bench> {
  const bench = new Bench();
  await bench.drive.plugins.load(rulesPlugin({ schema: SCHEMA, rules }), { name: "r", seed: 1 });
  return bench;
}

Deno.test("a rule matches fields under masks, after some, for a count", async () => {
  const bench = await ruled({
    tap: "nvme:io:decode",
    match: { opcode: 2, cdw10: { mask: "0xf", value: 1 } },
    after: 1,
    count: 2,
    effect: { kind: "claim", status: { type: 2, code: 0x81, doNotRetry: true } },
  });
  const read = async (lba: number): Promise<string> =>
    (await bench.io(0x02, { nsid: 1, cdw10: lba, length: 512 })).status;
  const answers: string[] = [];
  for (const lba of [1, 2, 0x11, 0x21, 0x31]) answers.push(await read(lba));
  assertEquals(answers, [OK, OK, "02h/81h", "02h/81h", OK]);
});

Deno.test("the first rule that strikes decides", async () => {
  const flush = { tap: "nvme:io:decode", match: { opcode: 0 } };
  const bench = await ruled(
    { ...flush, effect: { kind: "claim", status: 6 } },
    { ...flush, effect: { kind: "claim", status: 4 } },
  );
  const answers = [];
  for (let at = 0; at < 3; at++) answers.push((await bench.io(0x00, { nsid: 1 })).status);
  assertEquals(answers, ["00h/06h", "00h/04h", OK]);
});

Deno.test("bad rules are refused by rule and field", () => {
  const refusal = (json: Json): string => assertThrows(() => rulesPlugin(json), UsageError).message;
  const one = (rule: Json): Json => ({ schema: SCHEMA, rules: [rule] });
  const effect = { kind: "drop" };
  const tap = "nvme:io:decode";
  assertEquals(refusal(null), "Cannot use the rules: need an object");
  assertEquals(refusal({}), "Cannot use rules with schema undefined");
  assertEquals(
    refusal({ schema: SCHEMA, rules: [] }),
    'Cannot use rules without "rules": need a list of them',
  );
  assertEquals(
    refusal(one({ tap: "nvme:media:read", effect })),
    'Cannot use rule 1: "nvme:media:read" is no tap of commands',
  );
  assertEquals(
    refusal(one({ tap, match: { lba: 1 }, effect })),
    "Cannot use rule 1, match.lba: there is no such field",
  );
  assertEquals(
    refusal(one({ tap, match: { cdw10: { mask: 1, value: 2 } }, effect })),
    "Cannot use rule 1, match.cdw10: value has bits that mask has not, it never matches",
  );
  assertEquals(
    refusal(one({ tap, effect: { kind: "explode" } })),
    'Cannot use rule 1, effect: "explode" is no kind of effect',
  );
  assertEquals(
    refusal(one({ tap, often: 3, effect })),
    'Cannot use rule 1: "often" means nothing there',
  );
  assertEquals(
    refusal(one({ tap, count: -1, effect })),
    "Cannot use rule 1, count: -1 is no whole number",
  );
});

Deno.test("a rule that could never strike is refused by rule and field", () => {
  const refusal = (rule: Json): string => {
    const rules = [
      { tap: "nvme:io:decode", effect: { kind: "drop" } },
      { tap: "nvme:io:decode", effect: { kind: "drop" }, ...rule as object },
    ];
    return assertThrows(() => rulesPlugin({ schema: SCHEMA, rules }), UsageError).message;
  };
  const percent = "percent, more than 0 and up to 100, such as 0.5";
  const cases: readonly (readonly [rule: Json, message: string])[] = [
    [
      { match: { nsid: { mask: 0, value: 1 } } },
      "match.nsid: value has bits that mask has not, it never matches",
    ],
    [
      { match: { opcode: 256 } },
      "match.opcode: 256 is more than 0xff, the most that the field can be",
    ],
    [
      { match: { opcode: { mask: "0x1ff", value: 1 } } },
      'match.opcode.mask: "0x1ff" is more than 0xff, the most that the field can be',
    ],
    [
      { match: { cdw10: { mask: "0x100000001", value: 1 } } },
      'match.cdw10.mask: "0x100000001" is more than 0xffffffff, the most that the field can be',
    ],
    [
      { match: { cdw10: 2 ** 32 } },
      "match.cdw10: 4294967296 is more than 0xffffffff, the most that the field can be",
    ],
    [{ probability: 0 }, `probability: 0 is wrong, need ${percent}`],
    [{ probability: 101 }, `probability: 101 is wrong, need ${percent}`],
    [{ probability: "0x10" }, `probability: "0x10" is wrong, need ${percent}`],
    [{ match: { opcode: {} } }, "match.opcode: it says nothing, need a mask or a value"],
    [{ forMs: 0 }, "forMs: with 0 the rule never strikes"],
  ];
  for (const [rule, message] of cases) assertEquals(refusal(rule), `Cannot use rule 2, ${message}`);
});

Deno.test("a rule's probability is percent, of which there may be less than one", async () => {
  const bench = await ruled({
    tap: "nvme:io:decode",
    count: 0,
    probability: 0.5,
    effect: { kind: "claim", status: 6 },
  });
  let struck = 0;
  for (let at = 0; at < 4000; at++) {
    if ((await bench.io(0x00, { nsid: 1 })).status !== OK) struck++;
  }
  assert(struck > 5 && struck < 60, `${struck} of 4000`);
});

Deno.test("an effect that no command can have is refused when the rules are loaded", () => {
  const refusal = (effect: Json): string => {
    const rules = [{ tap: "nvme:io:decode", effect }];
    return assertThrows(() => rulesPlugin({ schema: SCHEMA, rules }), UsageError).message;
  };
  const gives = "Cannot use rule 1, effect: it gives a verdict with";
  assertEquals(
    refusal({ kind: "claim", status: 99999 }),
    `${gives} status 99999, which is no whole number from 0 to 32767`,
  );
  assertEquals(refusal({ kind: "claim", status: {} }), `${gives} status without a type and a code`);
  assertEquals(
    refusal({ kind: "claim", status: { type: 2, code: 128, dnr: true } }),
    'Cannot use rule 1, effect.status: "dnr" means nothing there',
  );
  assertEquals(refusal({ kind: "delay" }), `${gives} ms undefined, which is no number`);
  assertEquals(
    refusal({ kind: "disconnect", how: "away" }),
    `${gives} how 'away', which is none of close, reset, terminate`,
  );
  assertEquals(
    refusal({ kind: "mutate", completion: { copies: 17 } }),
    `${gives} completion.copies 17, which is no whole number from 0 to 16`,
  );
});

Deno.test("a mask of nothing with the value nothing matches every command", async () => {
  const bench = await ruled({
    tap: "nvme:io:decode",
    match: { opcode: 0, cdw10: { mask: 0 } },
    effect: { kind: "claim", status: 6 },
  });
  assertEquals((await bench.io(0x00, { nsid: 1 })).status, "00h/06h");
});
