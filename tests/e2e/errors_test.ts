// Wrong input to the compiled program: each has its own sentence, its next step, its exit status,
// and nothing on stdout.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { BINARY, nvmectl, runProgram } from "../support/binary.ts";

interface Case {
  readonly name: string;
  readonly words: readonly string[];
  readonly code: number;
  /** What the message must say. */
  readonly says: RegExp;
}

const CASES: readonly Case[] = [
  {
    name: "a device that does not exist",
    words: ["health", "/dev/nvme99"],
    code: 4,
    says: /Cannot open \/dev\/nvme99: there is no such device/,
  },
  {
    name: "a bare name that does not exist",
    words: ["health", "nvme99"],
    code: 4,
    says: /Cannot open \/dev\/nvme99: there is no such device/,
  },
  {
    name: "a regular file",
    words: ["health", "/etc/hostname"],
    code: 4,
    says: /Cannot open \/etc\/hostname: it is a regular file/,
  },
  { name: "a directory", words: ["health", "/dev"], code: 4, says: /it is a directory/ },
  {
    name: "a character device that is no NVMe drive",
    words: ["health", "/dev/null"],
    code: 4,
    says: /it is not an NVMe device: its driver does not know NVMe commands \(ENOTTY\)/,
  },
  { name: "a verb that does not exist", words: ["helth"], code: 2, says: /Did you mean health\?/ },
  {
    name: "a verb of nvme-cli",
    words: ["smart-log", "/dev/nvme0"],
    code: 2,
    says: /what nvme-cli calls smart-log is: nvmectl health/,
  },
  { name: "an abbreviated verb", words: ["heal", "virtual:"], code: 2, says: /no such verb/ },
  {
    name: "an option that does not exist",
    words: ["health", "virtual:", "--bogus"],
    code: 2,
    says: /Cannot use --bogus: health has no such option/,
  },
  {
    name: "an abbreviated option",
    words: ["health", "virtual:", "--verb"],
    code: 2,
    says: /Cannot use --verb/,
  },
  {
    name: "an option without its value",
    words: ["health", "virtual:", "--watch"],
    code: 2,
    says: /--watch: it needs a value/,
  },
  {
    name: "an option given twice",
    words: ["health", "virtual:", "--count", "1", "--count", "2"],
    code: 2,
    says: /--count twice: 1 and 2/,
  },
  {
    name: "a number out of range",
    words: ["format", "virtual:", "--lba-format", "64"],
    code: 2,
    says: /--lba-format "64": need a whole number 0 to 63/,
  },
  {
    name: "a number that is none",
    words: ["log", "0x02", "virtual:", "--length", "12x"],
    code: 2,
    says: /--length "12x"/,
  },
  {
    name: "a log that does not exist",
    words: ["log", "smrat", "virtual:"],
    code: 2,
    says: /smrat/,
  },
  {
    name: "a virtual drive that does not exist",
    words: ["health", "virtual:nosuch"],
    code: 2,
    says: /no virtual drive of that name/,
  },
  {
    name: "a kind of target that does not exist",
    words: ["health", "usb:1"],
    code: 2,
    says: /no target of the kind usb:/,
  },
  {
    name: "one word too many",
    words: ["health", "virtual:", "virtual:warning"],
    code: 2,
    says: /"virtual:warning" is one word too many/,
  },
  {
    name: "a serial number that no drive has",
    words: ["health", "serial:NOSUCH"],
    code: 4,
    says: /no NVMe drive of this machine has that serial number/,
  },
  {
    name: "a format that nobody confirmed",
    words: ["format", "virtual:"],
    code: 5,
    says: /there is no terminal to ask for confirmation on/,
  },
  {
    name: "a format confirmed with another drive's serial number",
    words: ["format", "virtual:", "--yes", "--serial", "OTHER"],
    code: 5,
    says: /the serial number given is "OTHER"/,
  },
];

for (const { name, words, code, says } of CASES) {
  Deno.test(`nvmectl refuses ${name} with exit ${code}`, async () => {
    const plain = await nvmectl(words);
    assertMatch(plain.stderr, says);
    assertEquals(plain.stdout, "");
    assertEquals(plain.code, code, plain.stderr);
    assert(!plain.stderr.includes("this is a fault of nvmectl"), plain.stderr);

    const asJson = await nvmectl([...words, "-o", "json"]);
    assertEquals(asJson.stdout, "");
    const lines = asJson.stderr.trim().split("\n");
    const error = JSON.parse(lines.at(-1) ?? "");
    assertEquals(error.schema, "nvmectl.error/1");
    assertEquals(error.exit_status, code);
    assertEquals(asJson.code, code);
  });
}

Deno.test("nvmectl exits 0 when the reader of its output goes away", async () => {
  const script =
    `"${BINARY}" identify virtual: -v | head -c 10 >/dev/null; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = await runProgram("bash", ["-c", script]);
  assertEquals(stdout.trim(), "0");
  assertEquals(stderr, "");
});

Deno.test("nvmectl says what it found even when nobody reads it: exit 1 stays exit 1", async () => {
  const script = `"${BINARY}" health virtual:critical | true; echo "\${PIPESTATUS[0]}"`;
  const { stdout } = await runProgram("bash", ["-c", script]);
  assertEquals(stdout.trim(), "1");
});

Deno.test("nvmectl names a full disk, which is no fault of its own", async () => {
  const { code, stderr } = await runProgram("bash", ["-c", `"${BINARY}" list >/dev/full`]);
  assertEquals(code, 4);
  assertMatch(stderr, /Cannot write the result: .*No space left/);
});

/** What moves a cursor or reorders a line: controls but the line end, and bidirectional marks. */
function isHostile(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return (code < 0x20 && code !== 0x0a) || (code >= 0x7f && code < 0xa0) ||
    (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

Deno.test("nvmectl lets nothing of a hostile drive through, in a pipe and in JSON", async () => {
  for (const [verb = "", ...words] of [["health"], ["health", "-o", "json"], ["identify", "-v"]]) {
    const { stdout } = await nvmectl([verb, "virtual:hostile", ...words]);
    assertEquals([...stdout].filter(isHostile), [], verb);
  }
});

Deno.test("nvmectl runs a virtual self-test to its end, and a failing one exits 1", async () => {
  const [passed, failed] = await Promise.all([
    nvmectl(["selftest", "virtual:", "--short", "--wait"]),
    nvmectl(["selftest", "virtual:failing", "--short", "--wait", "-o", "json"]),
  ]);
  assertEquals(passed.code, 0, passed.stderr);
  assertMatch(passed.stdout, /PASSED: the short self-test completed without error/);
  assertMatch(passed.stderr, /Short self-test: .*%/);
  assertEquals(failed.code, 1, failed.stderr);
  assertEquals(JSON.parse(failed.stdout).exit_status, 1);
});

Deno.test("nvmectl escapes what a hostile drive calls itself, on a terminal", async () => {
  // script(1) of util-linux gives the program a terminal.
  const { stdout } = await runProgram("script", [
    "-qec",
    `"${BINARY}" health virtual:hostile`,
    "/dev/null",
  ]);
  // deno-lint-ignore no-control-regex
  const withoutColour = stdout.replace(/\x1b\[[0-9;]*m/g, "");
  assert(!withoutColour.includes("\x1b"), JSON.stringify(withoutColour.slice(0, 300)));
  assertStringIncludes(withoutColour, "\\u{1b}");
});

Deno.test("nvmectl ends within two seconds of Ctrl-C while it watches", async () => {
  const child = new Deno.Command(BINARY, {
    args: ["health", "virtual:", "--watch", "60"],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  const started = performance.now();
  child.kill("SIGINT");
  reader.releaseLock();
  const { code, stderr } = await child.output();
  assert(performance.now() - started < 2000);
  assertEquals(code, 130);
  assertStringIncludes(new TextDecoder().decode(stderr), "Stopped watching virtual:");
});
