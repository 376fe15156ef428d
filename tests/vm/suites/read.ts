// read and registers behind the kernel's driver: against the drive's image, against nvme-cli, and
// on a drive with bad sectors.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  bootWithNvmectl,
  controller,
  guestTest,
  nvmectl,
  SERIAL,
  shell,
  STANDARD_DRIVES,
  unavailable,
} from "../../support/guest.ts";
import { fillImage, guestSha256, sha256 } from "../../support/guest_image.ts";
import { ours } from "../../support/peer.ts";
import type { Guest } from "../../../scripts/vm/guest.ts";

const MIB = 1024 * 1024;
const TWO = STANDARD_DRIVES.findIndex(({ serial }) => serial === SERIAL.two);
const SLOW = { timeoutMs: 180_000 } as const;

guestTest(
  "read is byte for byte what stands in the drive's image, and changes none of it",
  async (guest) => {
    const device = await controller(guest, SERIAL.two);
    const shapes = [
      { nsid: 1, blockBytes: 512, metadataBytes: 0 },
      { nsid: 2, blockBytes: 4096, metadataBytes: 8 },
    ];
    for (const { nsid, blockBytes, metadataBytes } of shapes) {
      const path = guest.imagePath(TWO, nsid - 1);
      const image = await fillImage(path, nsid);
      const { namespace } = await ours(guest, ["identify", device, "--namespace", `${nsid}`]) as {
        namespace: { nsze: number };
      };
      const { nsze } = namespace;
      assertEquals(nsze, 32 * MIB / blockBytes);
      const counts = [[0, 1], [nsze - 1, 1], [0, nsze], [1, 3], [777, 1023], [
        5,
        nsze - 5,
      ]] as const;
      for (const [lba, blocks] of counts) {
        const words = [
          ...["read", device, "--nsid", `${nsid}`, "--lba", `${lba}`, "--blocks", `${blocks}`],
          ...["--out", "/run/read.bin"],
          ...(metadataBytes === 0 ? [] : ["--metadata-out", "/run/read.meta"]),
        ];
        const { code, stderr } = await nvmectl(guest, words, SLOW);
        assertEquals(code, 0, stderr);
        const what = `namespace ${nsid}, ${blocks} blocks from ${lba}`;
        const data = image.slice(lba * blockBytes, (lba + blocks) * blockBytes);
        assertEquals(await guestSha256(guest, "cat /run/read.bin"), await sha256(data), what);
        if (metadataBytes === 0) continue;
        const start = nsze * blockBytes + lba * metadataBytes;
        const metadata = image.slice(start, start + blocks * metadataBytes);
        assertEquals(await guestSha256(guest, "cat /run/read.meta"), await sha256(metadata), what);
      }
      assertEquals(await sha256(await Deno.readFile(path)), await sha256(image));
    }
    assertEquals(await shell(guest, "ls /run/read.*.part 2>/dev/null || true"), "");
    await shell(guest, "rm -f /run/read.*");
  },
);

guestTest("read gives what nvme-cli reads, to a file and to a pipe", async (guest) => {
  const device = await controller(guest, SERIAL.two);
  await fillImage(guest.imagePath(TWO, 0), 77);
  for (const [lba, blocks] of [[0, 1], [65_535, 1], [13, 128]] as const) {
    const theirs = await guestSha256(
      guest,
      `nvme read ${device}n1 -s ${lba} -c ${blocks - 1} -z ${blocks * 512} 2>/dev/null`,
    );
    const words = `read ${device}n1 --lba ${lba} --blocks ${blocks}`;
    assertEquals(await guestSha256(guest, `nvmectl ${words} -o raw`), theirs);
    await shell(guest, `nvmectl ${words} --out /run/ours.bin`);
    assertEquals(await guestSha256(guest, "cat /run/ours.bin"), theirs);
  }
  await shell(guest, "rm /run/ours.bin");
});

guestTest("registers says why the kernel keeps them to its driver", async (guest) => {
  const device = await controller(guest, SERIAL.plain);
  const { code, stdout, stderr } = await nvmectl(guest, ["registers", device]);
  assertEquals([code, stdout], [4, ""]);
  assertStringIncludes(stderr, "to the driver (EINVAL)");
  assertStringIncludes(stderr, "iomem=relaxed");
});

guestTest("registers is root's alone, and says so", async (guest) => {
  const device = await controller(guest, SERIAL.plain);
  // Whoever may open the device may not map the function's registers.
  await shell(guest, `chmod o+r ${device}`);
  try {
    const { code, stdout, stderr } = await nvmectl(guest, ["registers", device], {
      user: "nobody",
    });
    assertEquals([code, stdout], [4, ""]);
    assertMatch(stderr, /only root may map them \(EACCES\)/);
  } finally {
    await shell(guest, `chmod o-r ${device}`);
  }
});

/** Sectors of 512 bytes that cannot be read. */
const BAD = [100, 101, 5000, 65_535];
const FAULTS = BAD.map((sector) => ({ event: "read_aio", errno: 5, sector, once: false }));

Deno.test({
  name: "read and registers on a drive with bad sectors, whose registers the kernel lets one see",
  ignore: unavailable !== undefined,
  async fn(test) {
    await using guest = await bootWithNvmectl({
      drives: [{ serial: "BADBLOCKS", namespaces: [{ bytes: 32 * MIB, faults: FAULTS }] }],
      kernel: ["iomem=relaxed"],
    });
    const device = await controller(guest, "BADBLOCKS");
    await test.step("registers has what nvme show-regs has", () => compareRegisters(guest, device));
    await test.step("read leaves no file, or everything else and the map", async () => {
      const image = await fillImage(guest.imagePath(0, 0), 3);
      await rescueImage(guest, `${device}n1`, image);
    });
  },
});

async function compareRegisters(guest: Guest, device: string): Promise<void> {
  // It prints everything, and exits with 1. Digits, because a double has too few for CAP.
  const { stdout } = await guest.run(`nvme show-regs ${device} -o json`);
  const theirs = new Map(
    [...stdout.matchAll(/"([a-z]+)" *: *([0-9]+)/g)].map(([, name = "", digits = ""]) =>
      [name, BigInt(digits)] as const
    ),
  );
  const { registers } = await ours(guest, ["registers", device]) as {
    registers: Readonly<Record<string, { readonly hex: string }>>;
  };
  const compared = Object.entries(registers).filter(([name]) => theirs.has(name));
  for (const [name, { hex }] of compared) {
    assertEquals(BigInt(hex), theirs.get(name), name);
  }
  const names = compared.map(([name]) => name);
  for (const name of ["cap", "vs", "cc", "csts", "aqa", "asq", "acq"]) {
    assert(names.includes(name), `${name} is not in ${names.join(" ")}`);
  }
  assertEquals(Number(registers["csts"]?.hex) & 1, 1);
}

async function rescueImage(
  guest: Guest,
  device: string,
  image: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const words = ["read", device, "--out", "/run/rescued.bin"];
  const failed = await nvmectl(guest, words, SLOW);
  assertEquals([failed.code, failed.stdout], [3, ""]);
  assertStringIncludes(failed.stderr, "Cannot read block 100 of namespace 1");
  assertStringIncludes(failed.stderr, "Unrecovered Read Error (02h/81h)");
  assertEquals(await shell(guest, "ls /run/rescued* 2>/dev/null || true"), "");

  const saved = await nvmectl(guest, [...words, "--skip-errors", "-o", "json"], SLOW);
  assertEquals(saved.code, 1, saved.stderr);
  const { blocks_unreadable: lost, unreadable } = JSON.parse(saved.stdout);
  assertEquals(lost, BAD.length);
  assertEquals(unreadable, [
    { lba: 100, blocks: 2 },
    { lba: 5000, blocks: 1 },
    { lba: 65_535, blocks: 1 },
  ]);
  const expected = image.slice();
  for (const sector of BAD) expected.fill(0, sector * 512, (sector + 1) * 512);
  assertEquals(await guestSha256(guest, "cat /run/rescued.bin"), await sha256(expected));
  const map = await shell(guest, "cat /run/rescued.bin.map");
  assertMatch(map, /^0x0000C800 {2}0x00000400 {2}-$/m);
  assertEquals(map.match(/ -$/gm)?.length, 3);
}
