// What becomes of the drive when the process that has it ends: killed, interrupted, or fifty times
// over.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { controllerLives, type Seen } from "../../../../scripts/vm/drive_trace.ts";
import type { Guest } from "../../../../scripts/vm/guest.ts";
import { checkoutPath } from "../../../../scripts/vm/host.ts";
import { putProgram } from "../../../../scripts/vm/program.ts";
import { nvmectl, shell } from "../../../support/guest.ts";
import { fillImage, guestSha256, sha256 } from "../../../support/guest_image.ts";
import {
  addressOf,
  driveNumber,
  driverAt,
  driveTrace,
  IOMMU_SERIAL,
  iommuTest,
  overPci,
  whileBound,
} from "../../../support/iommu_guest.ts";

const SLOW = { timeoutMs: 180_000 } as const;
const OUT = "/run/cut.bin";
/** A namespace that takes seconds to read. */
const LARGE = 2;
/** With that much in its file a reader is in the middle of it. */
const UNDERWAY_BYTES = 4 * 1024 * 1024;

/** How a reader ended, and after how many ms from the signal on. */
interface Ended {
  readonly code: number;
  readonly ms: number;
  readonly stderr: string;
  readonly seen: Seen;
}

/** Shell text that starts a long read, and goes on in the middle of it. */
function reader(address: string): string {
  return `rm -f ${OUT}*
nvmectl read pci:${address} --nsid ${LARGE} --out ${OUT} </dev/null >/run/cut.said 2>/run/cut.err &
pid=$!
for try in $(seq 600); do
  size=$(stat -c %s ${OUT}* 2>/dev/null | head -n 1)
  [ "\${size:-0}" -ge ${UNDERWAY_BYTES} ] && break
  sleep 0.05
done
from=$(date +%s%N)
`;
}

/** Starts a long read, sends it a signal in the middle, and waits for its end. */
async function cutShort(guest: Guest, address: string, signal: string): Promise<Ended> {
  const script = `${reader(address)}kill -${signal} $pid || exit 99
wait $pid
echo "$? $((($(date +%s%N) - from) / 1000000))"`;
  const { result, seen } = await driveTrace.during(guest, () => shell(guest, script, SLOW));
  const [code = -1, ms = Infinity] = result.trim().split(" ").map(Number);
  return { code, ms, stderr: await shell(guest, "cat /run/cut.err"), seen };
}

iommuTest(
  "a reader that is killed leaves a drive that answers, and goes back to the kernel with its data",
  async (guest) => {
    const number = driveNumber(IOMMU_SERIAL.shapes);
    const path = guest.imagePath(number, LARGE - 1);
    const image = await fillImage(path, 5);
    let device = "";
    await whileBound(guest, IOMMU_SERIAL.shapes, async (address) => {
      assertEquals((await cutShort(guest, address, "KILL")).code, 128 + 9);
      const again = await overPci(guest, ["identify", `pci:${address}`, "-o", "json"]);
      assertEquals(again.code, 0, again.stderr);
      assertEquals(JSON.parse(again.stdout).controller.sn, IOMMU_SERIAL.shapes);
      device = address;
    });
    // Nothing but what was read is there: no file of the whole name.
    assertEquals((await guest.run(`[ -e ${OUT} ]`)).code, 1);
    const node = `/dev/$(ls /sys/bus/pci/devices/${device}/nvme)n${LARGE}`;
    assertEquals(
      await guestSha256(guest, `dd if=${node} bs=1M count=8 iflag=direct 2>/dev/null`),
      await sha256(image.slice(0, 8 * 1024 * 1024)),
    );
    assertEquals(await sha256(await Deno.readFile(path)), await sha256(image));
    await shell(guest, `rm -f ${OUT}*`);
  },
);

iommuTest(
  "SIGTERM, SIGINT and SIGHUP end a read in under two seconds, with a clean shutdown and no file",
  async (guest) => {
    await whileBound(guest, IOMMU_SERIAL.shapes, async (address) => {
      for (const [signal, status] of [["TERM", 143], ["INT", 130], ["HUP", 129]] as const) {
        const { code, ms, stderr, seen } = await cutShort(guest, address, signal);
        assertEquals(code, status, stderr);
        assert(ms < 2000, `${ms} ms`);
        assertMatch(stderr, /Interrupted: [\d,]+ of 65,792 blocks were read/);
        assertEquals(controllerLives(seen), { enabled: 1, shutDown: 1, cutOff: 0 });
        assertEquals(await shell(guest, `ls ${OUT}* 2>/dev/null || true`), "");
      }
    });
  },
);

iommuTest(
  "a signal ends a reader whose output nobody takes, in under two seconds and with a clean shutdown",
  async (guest) => {
    await whileBound(guest, IOMMU_SERIAL.shapes, async (address) => {
      const script = `rm -f /run/full && mkfifo /run/full && { sleep 120 </run/full & sleeper=$!
nvmectl read pci:${address} --nsid ${LARGE} -o raw </dev/null >/run/full 2>/run/cut.err & pid=$!
for try in $(seq 200); do ls -l /proc/$pid/fd 2>/dev/null | grep -q /dev/vfio/ && break
sleep 0.1; done; sleep 3
from=$(date +%s%N); kill -TERM $pid; wait $pid
echo "$? $((($(date +%s%N) - from) / 1000000))"; kill $sleeper; }`;
      const { result, seen } = await driveTrace.during(guest, () => shell(guest, script, SLOW));
      const [code, ms = Infinity] = result.trim().split(" ").map(Number);
      assertEquals(code, 143, await shell(guest, "cat /run/cut.err"));
      assert(ms < 2000, `${ms} ms`);
      assertEquals(controllerLives(seen), { enabled: 1, shutDown: 1, cutOff: 0 });
    });
  },
);

iommuTest(
  "the kernel gets a function back in mid-read, and does not wait for it",
  async (guest) => {
    const address = await addressOf(guest, IOMMU_SERIAL.shapes);
    const bound = await nvmectl(guest, ["vfio", "bind", address, "--ignore", "signature"]);
    assertEquals(bound.code, 0, bound.stderr);
    // A reset in its place ends QEMU 7.2, whose drive goes on with reads that it has forgotten.
    const script = `${reader(address)}echo ${address} >/sys/bus/pci/devices/${address}/driver/unbind
wait $pid
echo "$? $((($(date +%s%N) - from) / 1000000))"; rm -f ${OUT}*`;
    const { result, seen } = await driveTrace.during(guest, () => shell(guest, script, SLOW));
    const [code, ms = Infinity] = result.trim().split(" ").map(Number);
    const said = await shell(guest, "cat /run/cut.err");
    assertEquals(code, 4, said);
    assertStringIncludes(said, "the kernel wants the function back");
    assert(ms < 5000, `${ms} ms`);
    assertEquals(controllerLives(seen), { enabled: 1, shutDown: 1, cutOff: 0 });
    const back = await nvmectl(guest, ["vfio", "unbind", address]);
    assertEquals(back.code, 0, back.stderr);
    assertEquals(await driverAt(guest, address), "nvme");
  },
);

iommuTest("a second instance is told which process has the drive", async (guest) => {
  await whileBound(guest, IOMMU_SERIAL.shapes, async (address) => {
    // A reader whose output nobody takes waits, with the drive in its hands.
    const pid = (await shell(
      guest,
      `rm -f /run/full && mkfifo /run/full && { sleep 120 </run/full >/dev/null 2>&1 &
echo $! >/run/sleeper; nvmectl read pci:${address} --nsid ${LARGE} -o raw </dev/null >/run/full \\
  2>/run/first.err & echo $!; }`,
    )).trim();
    try {
      await shell(
        guest,
        `for try in $(seq 200); do ls -l /proc/${pid}/fd 2>/dev/null | grep -q /dev/vfio/ && exit 0
sleep 0.1; done; cat /run/first.err >&2; exit 1`,
      );
      const { code, stderr } = await nvmectl(guest, ["identify", `pci:${address}`]);
      assertEquals(code, 4, stderr);
      assertMatch(stderr, /\/dev\/vfio\/\d+ is in use by process/);
      assertStringIncludes(stderr, `${pid} (nvmectl)`);
    } finally {
      await shell(
        guest,
        `kill $(cat /run/sleeper); for try in $(seq 100); do [ -e /proc/${pid} ] || exit 0
sleep 0.1; done; kill -9 ${pid}; echo "it goes on without a reader" >&2; exit 1`,
      );
    }
    const free = await nvmectl(guest, ["identify", `pci:${address}`]);
    assertEquals(free.code, 0, free.stderr);
  });
});

iommuTest(
  "fifty times opened and closed in one process leave no descriptor, mapping or pinned memory",
  async (guest) => {
    const source = checkoutPath("tests/support/programs/pci_cycles.ts");
    const program = (await putProgram(guest, source)).join(" ");
    await whileBound(guest, IOMMU_SERIAL.alone, async (address) => {
      const { result: stdout } = await driveTrace.during(
        guest,
        () => shell(guest, `${program} ${address} 50`, SLOW),
      );
      const { cycles, descriptors, mappings, pinnedKiB, serial } = JSON.parse(stdout);
      assertEquals(cycles, 50);
      assertEquals(serial, IOMMU_SERIAL.alone);
      assertEquals(descriptors.at(-1), descriptors[0], descriptors.join(" "));
      assertEquals(mappings.at(-1), 0);
      assertEquals(pinnedKiB.at(-1), pinnedKiB[0]);
    });
  },
);
