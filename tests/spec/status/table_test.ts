// The tables of status codes: what every row has to have, and that other people's headers agree.

import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  ADMIN_COMMANDS,
  COMMON_IO_COMMANDS,
  FABRICS_COMMANDS,
  NVM_COMMANDS,
} from "../../../src/spec/opcode.ts";
import { parseCitation } from "../../../src/spec/references.ts";
import { FABRICS } from "../../../src/spec/status/fabrics.ts";
import {
  allStatuses,
  formatStatusCode,
  type StatusInfo,
  statusMeanings,
} from "../../../src/spec/status/status.ts";
import { COMMANDS } from "../../../src/commands/registry.ts";
import { findLogPage } from "../../../src/spec/log/registry.ts";
import { statusTable } from "../../../src/spec/status/table.ts";
import { OTHER_WORDS, STATUS_WITNESSES, type StatusWitness, WITHDRAWN } from "./witness.ts";

const FABRIC_CODES: ReadonlySet<StatusInfo> = new Set(Object.values(FABRICS));
const ALL = [...allStatuses()];

/** Every text shown to people, with what it belongs to. */
function texts(
  pick: (info: Pick<StatusInfo, "meaning" | "next">) => string | undefined,
): [string, string][] {
  return ALL.flatMap((info) =>
    [info, ...Object.values(info.onCommand ?? {})].map(pick)
      .flatMap((text): [string, string][] => text === undefined ? [] : [[info.name, text]])
  );
}

interface Fact {
  readonly words: string;
  /** Type (`f` on a fabric) and code. */
  readonly key: string;
  readonly info: StatusInfo | undefined;
}

function* facts({ type, onFabric = false, facts }: StatusWitness): Generator<Fact> {
  for (const line of facts.trim().split("\n")) {
    const [digits = "", ...words] = line.trim().split(" ");
    const code = parseInt(digits, 16);
    const info = statusMeanings(type, code).find((one) => FABRIC_CODES.has(one) === onFabric);
    yield { words: words.join(" "), key: `${onFabric ? "f" : type}/${digits}`, info };
  }
}

function plain(name: string): string {
  return name.toLowerCase().match(/[a-z0-9]+/g)?.join(" ") ?? "";
}

for (const witness of STATUS_WITNESSES) {
  const { source, type, onFabric } = witness;
  const kind = onFabric ? " on a fabric" : "";
  Deno.test(`every type ${type} code of ${source}${kind} is in our tables under its name`, () => {
    const missing: string[] = [];
    const otherWords: string[] = [];
    for (const { key, words, info } of facts(witness)) {
      if (info === undefined) missing.push(`${key} ${words}`);
      else if (plain(info.name) !== words) otherWords.push(`${key} ${info.name} = ${words}`);
    }
    const reviewed = new Set(OTHER_WORDS.trim().split("\n").map((line) => line.trim()));
    assertEquals(otherWords.filter((line) => !reviewed.has(line)), []);
    assertEquals(missing.filter((line) => !WITHDRAWN.includes(line)), []);
  });
}

Deno.test("OTHER_WORDS lists only names that still differ", () => {
  const differing = new Set<string>();
  for (const witness of STATUS_WITNESSES) {
    for (const { key, words, info } of facts(witness)) {
      if (info && plain(info.name) !== words) differing.add(`${key} ${info.name} = ${words}`);
    }
  }
  const listed = OTHER_WORDS.trim().split("\n").map((line) => line.trim());
  assertEquals(listed.filter((line) => !differing.has(line)), []);
});

Deno.test("only codes that SPDK and libnvme lack have no second witness", () => {
  const witnessed = new Set(
    STATUS_WITNESSES.flatMap((witness) => [...facts(witness)].map(({ info }) => info)),
  );
  const alone = ALL.filter((info) => !witnessed.has(info)).map(formatStatusCode);
  const programs = Array.from({ length: 0x9b - 0x8a + 1 }, (_, i) => {
    return formatStatusCode({ type: 1, code: 0x8a + i });
  });
  assertEquals(
    alone,
    ["01h/2Eh", "01h/35h", "01h/36h", "01h/84h", "01h/88h", ...programs, "01h/9Ch"],
  );
});

Deno.test("every status code has a citation that resolves", () => {
  for (const info of ALL) {
    parseCitation(info.cite);
    for (const variant of Object.values(info.onCommand ?? {})) parseCitation(variant.cite);
  }
});

Deno.test("every meaning is one clear sentence", () => {
  for (const [name, meaning] of texts((info) => info.meaning)) {
    assertMatch(meaning, /^[A-Z].*\.$/, name);
    assert(!/[.!?] /.test(meaning), name);
  }
});

Deno.test("every next step is an instruction that ends in a stop", () => {
  for (const [name, next] of texts((info) => info.next)) assertMatch(next, /^[A-Z].*\.$/, name);
});

Deno.test("every next step names only verbs and log pages that nvmectl has", () => {
  for (const [name, next] of texts((info) => info.next)) {
    for (const [, verb = "", argument] of next.matchAll(/nvmectl ([a-z]+)(?: ([a-z0-9-]+))?/g)) {
      assert(verb in COMMANDS, `${name}: ${verb}`);
      if (verb !== "log") continue;
      const page = /^0x/.test(argument ?? "") ? argument : findLogPage(argument ?? "");
      assert(page !== undefined, `${name}: log ${argument}`);
    }
  }
});

Deno.test("the codes that operators meet have a next step", () => {
  const met = ALL.filter((info) => info.next !== undefined);
  assert(met.length >= 40, `${met.length}`);
  for (
    const [type, code] of [
      ...[0x01, 0x02, 0x06, 0x07, 0x0b, 0x0c, 0x15, 0x1c, 0x1d, 0x20, 0x21, 0x24, 0x80, 0x81]
        .map((code) => [0, code] as const),
      ...[0x82, 0x83, 0x84].map((code) => [0, code] as const),
      ...[0x06, 0x07, 0x09, 0x0a, 0x0b, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15]
        .map((code) => [1, code] as const),
      ...[0x16, 0x18, 0x1a, 0x1d, 0x82].map((code) => [1, code] as const),
      ...[0x80, 0x81, 0x86].map((code) => [2, code] as const),
      ...[0x00, 0x01, 0x02, 0x03, 0x70, 0x71].map((code) => [3, code] as const),
    ]
  ) {
    const [info] = statusMeanings(type, code);
    assert(info?.next !== undefined, formatStatusCode({ type, code }));
  }
});

Deno.test("the commands named beside a status code are commands that exist", () => {
  const names = new Set(
    [ADMIN_COMMANDS, COMMON_IO_COMMANDS, NVM_COMMANDS, FABRICS_COMMANDS]
      .flatMap((table) => Object.values(table).map(({ name }) => name)),
  );
  for (const { name, commands = [] } of ALL) {
    for (const command of commands) assert(names.has(command), `${name}: ${command}`);
  }
});

Deno.test("no code has two meanings, save those that fabrics share with I/O commands", () => {
  const shared = new Map<string, number>();
  for (const info of ALL) {
    const key = formatStatusCode(info);
    shared.set(key, (shared.get(key) ?? 0) + 1);
  }
  assertEquals(
    [...shared].filter(([, times]) => times > 1).map(([key]) => key),
    Object.values(FABRICS).map(formatStatusCode),
  );
});

Deno.test("a table lists its codes in rising order", () => {
  const rising = ALL.every((info, i) => {
    const before = ALL[i - 1];
    return before === undefined || before.type !== info.type || before.code < info.code ||
      info === FABRICS.format;
  });
  assert(rising);
});

Deno.test("statusTable() refuses two rows with one code", () => {
  const row = { code: 1, name: "First", meaning: "One." };
  assertThrows(
    () => statusTable(0, "[BASE-2.1]", { first: row, second: { ...row, name: "Second" } }),
    RangeError,
    'Cannot define status "Second": "First" has its code',
  );
});
