// Every verb that only looks, over pci: and over the kernel's driver: the same answers.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Guest } from "../../../../scripts/vm/guest.ts";
import { controller, nvmectl } from "../../../support/guest.ts";
import { IOMMU_SERIAL, iommuTest, overPci, whileBound } from "../../../support/iommu_guest.ts";

/** Words in front of the target and behind it, and what differs in the answers. */
interface Verb {
  readonly before: string;
  readonly after?: string;
  /** Paths of the fields that move by themselves, or because the controller was started anew. */
  readonly moves?: readonly string[];
}

/** Commands that the drive has carried out, and how long it has been busy. */
const COUNTERS = [
  "host_read_commands",
  "host_write_commands",
  "data_units_read",
  "data_units_written",
  "controller_busy_time",
  "power_on_hours",
] as const;

/** The counters as they stand in the log page. */
const LOGGED = COUNTERS.map((name) => `log.${name}`);

const VERBS: readonly Verb[] = [
  { before: "identify" },
  { before: "identify", after: "--namespace 1" },
  { before: "identify", after: "--namespace 3" },
  { before: "identify", after: "--namespace 9" },
  { before: "identify", after: "--namespaces -v" },
  { before: "identify", after: "--controllers --namespace 1" },
  { before: "identify", after: "--namespace 1 --descriptors" },
  { before: "identify", after: "--command-set --namespace 2" },
  { before: "namespace list" },
  { before: "firmware" },
  { before: "health", moves: [...COUNTERS, ...COUNTERS.map((name) => `smart.${name}`)] },
  { before: "log smart", moves: LOGGED },
  { before: "log error" },
  { before: "log firmware" },
  { before: "log changed-namespaces" },
  { before: "log effects" },
  { before: "log supported" },
  { before: "log 0x02", after: "--length 512 --namespace 1", moves: LOGGED },
  { before: "log 0x03", after: "--length 64" },
  { before: "selftest" },
  {
    before: "feature list",
    // What the kernel's driver has set for itself, and a clock.
    moves: ["number-of-queues", "async-events", "timestamp"].map((name) => `features.${name}`),
  },
  { before: "feature get volatile-write-cache" },
  { before: "sanitize" },
  { before: "raw admin", after: "--opcode 0x06 --cdw10 1 --data-in 4096" },
  { before: "raw admin", after: "--opcode 0x0a --cdw10 7" },
  { before: "raw io", after: "--opcode 0x02 --nsid 1 --cdw10 5 --cdw12 2 --data-in 1536" },
  {
    before: "registers",
    // Where the driver's queues are, and that it has begun: ours is not asked to, to look at them.
    moves: ["cc", "csts", "aqa", "asq", "acq", "intms", "intmc"].map((name) => `registers.${name}`),
  },
];

/** What a verb says and how it ends. */
interface Answer {
  readonly code: number;
  readonly said: unknown;
}

async function ask(
  guest: Guest,
  { before, after = "" }: Verb,
  target: string,
  run: typeof nvmectl,
): Promise<Answer> {
  const words = [...before.split(" "), target, ...after.split(" "), "-o", "json"];
  const { code, stdout, stderr } = await run(guest, words.filter((word) => word !== ""));
  // Sentences have the name of the target in them; a refusal is said on stderr.
  if (stdout.trim() === "") return { code, said: stderr.replaceAll(target, "TARGET") };
  return { code, said: JSON.parse(stdout.replaceAll(target, "TARGET")) };
}

/** An answer without what moves; members of a list go by their names. */
function without(said: unknown, moves: readonly string[], path = ""): unknown {
  if (Array.isArray(said)) {
    return said.filter((one) => !moves.includes(`${path}.${one?.name}`))
      .map((one) => without(one, moves, path));
  }
  if (typeof said !== "object" || said === null) return said;
  return Object.fromEntries(
    Object.entries(said).flatMap(([key, value]) => {
      const here = path === "" ? key : `${path}.${key}`;
      return moves.includes(here) ? [] : [[key, without(value, moves, here)]];
    }),
  );
}

iommuTest(
  "every verb that only looks says over pci: what it said over the kernel's driver",
  async (guest) => {
    const device = await controller(guest, IOMMU_SERIAL.shapes);
    const before: Answer[] = [];
    for (const verb of VERBS) before.push(await ask(guest, verb, device, nvmectl));
    assert(before.filter(({ code }) => code === 0).length > 15);
    await whileBound(guest, IOMMU_SERIAL.shapes, async (address) => {
      for (const [at, verb] of VERBS.entries()) {
        const { before: words, after = "", moves = [] } = verb;
        const what = `${words} ${after}`;
        const now = await ask(guest, verb, `pci:${address}`, overPci);
        const then = before[at];
        assertEquals(now.code, then?.code, `${what}: ${JSON.stringify(now.said)}`);
        assertEquals(without(now.said, moves), without(then?.said, moves), what);
      }
    });
  },
);

iommuTest("list shows the drives that the kernel still has", async (guest) => {
  await whileBound(guest, IOMMU_SERIAL.alone, async () => {
    const { code, stdout } = await nvmectl(guest, ["list", "-o", "json"]);
    assertEquals(code, 0);
    assert(!stdout.includes(IOMMU_SERIAL.alone));
    assertStringIncludes(stdout, IOMMU_SERIAL.shapes);
  });
});

iommuTest(
  "registers over pci: are the controller's, and looking does not start it",
  async (guest) => {
    await whileBound(guest, IOMMU_SERIAL.alone, async (address) => {
      const { code, stdout, stderr } = await overPci(guest, [
        ...["registers", `pci:${address}`, "-o", "json"],
      ]);
      assertEquals(code, 0, stderr);
      const { registers } = JSON.parse(stdout);
      assertEquals(Number(registers.csts.hex) & 1, 0);
      assertEquals(Number(registers.cc.hex) & 1, 0);
      // QEMU 7.2's drive is one of NVMe 1.4.
      assertEquals(Number(registers.vs.hex), 0x10400);
      const table = await overPci(guest, ["registers", "--pci", address]);
      assertMatch(table.stdout, /CAP/);
    });
  },
);

iommuTest("a self-test that the drive does not have is refused by its status", async (guest) => {
  await whileBound(guest, IOMMU_SERIAL.alone, async (address) => {
    const { code, stdout, stderr } = await overPci(guest, [
      "selftest",
      `pci:${address}`,
      "--short",
    ]);
    assertEquals([code, stdout], [3, ""], stderr);
    assertMatch(stderr, /self-test/i);
  });
});
