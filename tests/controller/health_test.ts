// The verdict on a SMART page, and its reasons.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { judge, type Judgement, type TemperatureLimits } from "../../src/controller/health.ts";
import { SmartLog } from "../../src/spec/log/smart.ts";
import { SMART_DYING_IMAGE, SMART_IMAGE } from "../golden/log/images.ts";

const LIMITS: TemperatureLimits = { wctemp: 343, cctemp: 353 };

/** The bytes of a healthy page with some of them changed. */
function judged(
  changes: Readonly<Record<number, readonly number[]>> = {},
  limits: TemperatureLimits = LIMITS,
): Judgement {
  const bytes = new Uint8Array(SMART_IMAGE);
  bytes.fill(0, 160, 176); // no media errors
  for (const [at, values] of Object.entries(changes)) bytes.set(values, Number(at));
  return judge(SmartLog.decode(bytes), limits);
}

function texts({ reasons }: Judgement): readonly string[] {
  return reasons.map(({ severity, text }) => `${severity}: ${text}`);
}

/** Kelvin as the two bytes of the composite temperature. */
function kelvin(value: number): Readonly<Record<number, readonly number[]>> {
  return { 1: [value & 0xff, value >> 8] };
}

Deno.test("a page without anything to say is good, for no reason", () => {
  assertEquals(judged(), { verdict: "good", reasons: [] });
});

const BITS: readonly (readonly [bit: number, byte: number, words: string])[] = [
  [0, 0, "spare capacity is below the threshold"],
  [1, 0, "a temperature is outside its limits"],
  [2, 0, "reliability is degraded by media or internal errors"],
  [3, 0, "has made all its media read-only"],
  [4, 0, "backup of the drive's volatile memory has failed"],
  [5, 0, "persistent memory region has become read-only or unreliable"],
  [6, 0, "a critical warning that is not known here (bits 0x40)"],
  [7, 0, "a critical warning that is not known here (bits 0x80)"],
  [0, 6, "the spare capacity of an endurance group is below its threshold"],
  [2, 6, "the reliability of an endurance group is degraded"],
  [3, 6, "has made an endurance group read-only"],
];

for (const [bit, byte, words] of BITS) {
  Deno.test(`bit ${bit} of byte ${byte} alone is critical, and said in words`, () => {
    const judgement = judged({ [byte]: [1 << bit] });
    assertEquals(judgement.verdict, "critical");
    assertEquals(judgement.reasons.length, 1);
    assertStringIncludes(texts(judgement)[0] ?? "", words);
  });
}

Deno.test("a warning that the drive and its endurance group raise is said once", () => {
  const judgement = judged({ 0: [0x05], 6: [0x0d] });
  assertEquals(texts(judgement), [
    "critical: the drive says that its spare capacity is below the threshold",
    "critical: the drive says that its reliability is degraded by media or internal errors",
    "critical: the drive has made an endurance group read-only",
  ]);
});

Deno.test("bits of the endurance group summary that are reserved say nothing", () => {
  assertEquals(judged({ 6: [0xf2] }).verdict, "good");
});

Deno.test("spare below its threshold is critical, at or just above it a warning", () => {
  assertEquals(texts(judged({ 3: [9] })), [
    "critical: available spare is 9 %, below the drive's threshold of 10 %",
  ]);
  for (const spare of [10, 15]) {
    assertEquals(texts(judged({ 3: [spare] })), [
      `warning: available spare is ${spare} %, close to the drive's threshold of 10 %`,
    ]);
  }
  assertEquals(judged({ 3: [16] }).verdict, "good");
});

Deno.test("full spare is no warning, even where the threshold is as high", () => {
  assertEquals(judged({ 3: [100, 100] }).verdict, "good");
  assertEquals(judged({ 3: [100, 96] }).verdict, "good");
});

Deno.test("a drive without a threshold is not warned about its spare", () => {
  assertEquals(judged({ 3: [3, 0] }).verdict, "good");
});

Deno.test("wear is a warning from 90 %, and in other words from 100 %", () => {
  assertEquals(judged({ 5: [89] }).verdict, "good");
  assertEquals(texts(judged({ 5: [90] })), ["warning: 90 % of the rated life is used"]);
  assertEquals(texts(judged({ 5: [99] })), ["warning: 99 % of the rated life is used"]);
  const beyond = "of the rated life is used: the drive may go on, its maker no longer promises it";
  assertEquals(texts(judged({ 5: [100] })), [`warning: 100 % ${beyond}`]);
  assertEquals(texts(judged({ 5: [254] })), [`warning: 254 % ${beyond}`]);
  assertEquals(texts(judged({ 5: [255] })), [`warning: more than 254 % ${beyond}`]);
});

Deno.test("media errors are a warning with their exact number", () => {
  assertEquals(texts(judged({ 160: [1] })), ["warning: data could not be recovered once so far"]);
  assertEquals(texts(judged({ 160: [0xd2, 0x04] })), [
    "warning: data could not be recovered 1,234 times so far",
  ]);
  assertEquals(texts(judged({ 168: [1] })), [
    "warning: data could not be recovered 18,446,744,073,709,551,616 times so far",
  ]);
});

Deno.test("errors that only the log counts, and unsafe shutdowns, are no reason", () => {
  assertEquals(judged({ 144: [0xff, 0xff], 176: [0xff, 0xff] }).verdict, "good");
});

Deno.test("temperature is judged by the drive's own limits, from the limit on", () => {
  assertEquals(judged(kelvin(342)).verdict, "good");
  assertEquals(texts(judged(kelvin(343))), [
    "warning: the temperature is 70 °C, the drive's warning limit is 70 °C",
  ]);
  assertEquals(judged(kelvin(352)).verdict, "warning");
  assertEquals(texts(judged(kelvin(353))), [
    "critical: the temperature is 80 °C, the drive's critical limit is 80 °C",
  ]);
});

Deno.test("a drive that reports no limits is not judged by its temperature", () => {
  assertEquals(judged(kelvin(400), { wctemp: 0, cctemp: 0 }).verdict, "good");
  assertEquals(judged(kelvin(400), { wctemp: 343, cctemp: 0 }).verdict, "warning");
  assertEquals(judged(kelvin(400), { wctemp: 0, cctemp: 353 }).verdict, "critical");
});

Deno.test("a drive without a sensor is judged by the rest of its page", () => {
  assertEquals(judged(kelvin(0)).verdict, "good");
  assertEquals(judged({ ...kelvin(0), 5: [95] }).verdict, "warning");
});

Deno.test("the worst reason decides, and is said first", () => {
  const judgement = judged({ 0: [0x08], 5: [120], 160: [1] });
  assertEquals(judgement.verdict, "critical");
  assertEquals(judgement.reasons.map(({ severity }) => severity), [
    "critical",
    "warning",
    "warning",
  ]);
});

Deno.test("reasons that cooling remedies are marked, and only those", () => {
  assertEquals(judged(kelvin(353)).reasons.map(({ temperature }) => temperature), [true]);
  assertEquals(judged(kelvin(343)).reasons.map(({ temperature }) => temperature), [true]);
  assertEquals(judged({ 0: [0x06] }).reasons.map(({ temperature }) => temperature), [
    true,
    undefined,
  ]);
});

Deno.test("a page of zeros is impossible, not critical", () => {
  const judgement = judge(SmartLog.decode(new Uint8Array(512)), LIMITS);
  assertEquals(judgement.verdict, "impossible");
  assertEquals(judgement.reasons.length, 1);
  assertStringIncludes(texts(judgement)[0] ?? "", "the page is all zeros");
});

Deno.test("a page of ones is impossible, and none of its values is believed", () => {
  const judgement = judge(SmartLog.decode(new Uint8Array(512).fill(0xff)), LIMITS);
  assertEquals(judgement.verdict, "impossible");
  assert(judgement.reasons.every(({ severity }) => severity === "impossible"));
  assertEquals(judgement.reasons.length, 3, "temperature, spare and age");
});

Deno.test("values that no drive can have are impossible one by one", () => {
  const cases: readonly (readonly [Judgement, string])[] = [
    [judged(kelvin(199)), "the temperature reads -74 °C"],
    [judged(kelvin(451)), "the temperature reads 178 °C"],
    [judged({ 3: [101] }), "the available spare reads 101 %, of at most 100"],
    [judged({ 128: [0x41, 0x42, 0x0f] }), "the power-on time reads 1,000,001 h"],
  ];
  for (const [judgement, words] of cases) {
    assertEquals(judgement.verdict, "impossible");
    assertStringIncludes(texts(judgement)[0] ?? "", words);
  }
  for (const bound of [kelvin(200), { 128: [0x40, 0x42, 0x0f] }]) {
    assert(judged(bound).verdict !== "impossible");
  }
  assert(judged(kelvin(450)).verdict !== "impossible", "hot, but possible");
});

Deno.test("a drive that has just left the factory is not taken for a page of zeros", () => {
  const bytes = new Uint8Array(512);
  bytes.set([0, 0x2c, 0x01, 100, 10]);
  assertEquals(judge(SmartLog.decode(bytes), LIMITS).verdict, "good");
});

Deno.test("a drive at its end has every reason", () => {
  const judgement = judge(SmartLog.decode(SMART_DYING_IMAGE), LIMITS);
  assertEquals(judgement.verdict, "critical");
  assertEquals(judgement.reasons.length, 6 + 1 + 1 + 1);
});
