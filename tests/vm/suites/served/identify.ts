// What the drive says of itself: nvme-cli and nvmectl see the same, field by field.

import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  assertAgree,
  assertFormatsAgree,
  type Fields,
  SMART_NAMES,
} from "../../../support/peer.ts";
import { servedTest } from "./bench.ts";

const INVALID_FIELD = "Invalid Field in Command";
const INVALID_LOG = "Invalid Log Page";
const INVALID_OPCODE = "Invalid Command Opcode";

servedTest("identify agrees with nvme id-ctrl in every field", async (bench) => {
  const { controller } = await bench.ours("identify", bench.device) as { controller: Fields };
  assertAgree(await bench.peer("id-ctrl $CTRL"), controller, {
    special: {
      psds: (states) => {
        const own = controller["psd"] as readonly Record<string, Fields>[];
        const theirs = states as readonly Fields[];
        assertEquals(theirs.length, 5);
        theirs.forEach((state, at) => {
          assertEquals(
            [own[at]?.["power"]?.["mp"], own[at]?.["enlat"], own[at]?.["exlat"]] as unknown[],
            [state["max_power"], state["entry_lat"], state["exit_lat"]],
          );
        });
      },
    },
  });
});

servedTest("identify --namespace agrees with nvme id-ns and ns-descs", async (bench) => {
  const { namespace, descriptors } = await bench.ours(
    ...["identify", bench.block, "--namespace", "1", "--descriptors"],
  ) as { namespace?: Fields; descriptors: readonly Fields[] };
  const { namespace: mine = namespace } = await bench.ours(
    ...["identify", bench.device, "--namespace", "1"],
  ) as { namespace?: Fields };
  assert(mine);
  assertAgree(await bench.peer("id-ns $BLK"), mine, {
    special: { lbafs: (formats) => assertFormatsAgree(formats, mine) },
  });
  const { "ns-descs": theirs } = await bench.peer("ns-descs $BLK") as {
    "ns-descs": readonly Fields[];
  };
  assertEquals(
    descriptors.map(({ nidt, nidl }) => [(nidt as Fields)["value"], nidl]),
    theirs.map(({ nidt, nidl }) => [nidt, nidl]),
  );
  assertEquals(theirs.map(({ type }) => type), ["eui64", "nguid", "uuid", "csi"]);
  const { wwid } = (await bench.ours("list") as { namespaces: readonly Fields[] }).namespaces
    .find(({ device }) => device === bench.block) ?? {};
  assertEquals(wwid, `uuid.${theirs[2]?.["uuid"]}`);
});

servedTest("the lists of namespaces, controllers, groups and UUIDs are there", async (bench) => {
  assertEquals(await bench.peer("list-ns $CTRL"), { nsid_list: [{ nsid: 1 }] });
  assertEquals(await bench.peer("list-ns $CTRL --all"), { nsid_list: [{ nsid: 1 }] });
  assertEquals((await bench.peer("list-ctrl $CTRL"))["ctrl_list"], [{ ctrl_id: 1 }]);
  assertEquals((await bench.peer("list-ctrl $CTRL -n 1"))["ctrl_list"], [{ ctrl_id: 1 }]);
  assertEquals((await bench.peer("list-endgrp $CTRL"))["endgrp_list"], [{ endgrp_id: 1 }]);
  assertEquals((await bench.peer("cmdset-ind-id-ns $CTRL -n 1"))["nstat"], 1);
  // nvme-cli 2.3 leaves the first entry out of its JSON.
  assertMatch(await bench.must("nvme id-uuid $CTRL"), /c194d55b-e094-4794-a21d-29998f56be6f/);
});

servedTest("health agrees with nvme smart-log in every counter", async (bench) => {
  const before = await bench.peer("smart-log $CTRL");
  await bench.must("dd if=/dev/zero of=$BLK bs=64k count=32 oflag=direct status=none");
  const { smart } = await bench.ours("health", bench.device) as { smart: Fields };
  const theirs = await bench.peer("smart-log $CTRL");
  const sensors = smart["temperature_sensors"] as readonly unknown[];
  assertAgree(theirs, smart, {
    renamed: SMART_NAMES,
    special: {
      temperature_sensor_1: (kelvin) => assertEquals(kelvin, sensors[0]),
      temperature_sensor_2: (kelvin) => assertEquals(kelvin, sensors[1]),
    },
  });
  const count = (key: string): number => Number(theirs[key]) - Number(before[key]);
  assertEquals(count("host_write_commands"), 32);
  // 2 MiB in thousands of 512 bytes, give or take what rounding up hides.
  assert([4, 5].includes(count("data_units_written")));
});

servedTest("log effects has every command that nvme effects-log has", async (bench) => {
  // Without -c nvme-cli 2.3 looks for the registers of a PCI device, and shows nothing.
  const [theirs] = JSON.parse(await bench.must("nvme effects-log $CTRL -c 0 -o json")) as readonly [
    Record<"admin_cmd_set" | "io_cmd_set", Readonly<Record<string, number>>>,
  ];
  const { log } = await bench.ours("log", "effects", bench.device) as {
    log: Record<"admin" | "io", readonly Record<"opcode" | "effects", { value: number }>[]>;
  };
  const own = (set: "admin" | "io"): unknown =>
    log[set].map(({ opcode, effects }) => [opcode.value, effects.value]);
  const numbers = (set: Readonly<Record<string, number>>): unknown =>
    Object.entries(set).map(([name, effects]) => [Number(/_(\d+) /.exec(name)?.[1]), effects]);
  assertEquals(own("admin"), numbers(theirs.admin_cmd_set));
  assertEquals(own("io"), numbers(theirs.io_cmd_set));
});

servedTest("the logs of both tools have the same bytes", async (bench) => {
  for (const [name, lid] of [["supported", 0x00], ["feature-effects", 0x12]] as const) {
    const mine = await bench.guest.run(`nvmectl log ${name} ${bench.device} -o raw`);
    assertEquals(mine.code, 0, mine.stderr);
    const theirs = await bench.guest.run(
      `nvme get-log ${bench.device} --log-id=${lid} --log-len=${mine.stdoutBytes.length} -b`,
    );
    assertEquals(mine.stdoutBytes, theirs.stdoutBytes, name);
  }
  // Every page that is listed can be read.
  const listed = await bench.must("nvme supported-log-pages $CTRL");
  const lids = [...listed.matchAll(/^LID (0x[0-9a-f]+)/gm)].map(([, lid]) => Number(lid));
  assertEquals(lids, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0x0d, 0x0e, 0x12, 0x13, 0x81]);
});

servedTest(
  "what the drive lacks it refuses by the right name, and the error log has it",
  async (bench) => {
    const errors = async (): Promise<number> =>
      Number((await bench.peer("smart-log $CTRL"))["num_err_log_entries"]);
    const before = await errors();
    const steps = [
      ["nvme list-secondary $CTRL", INVALID_FIELD],
      ["nvme primary-ctrl-caps $CTRL", INVALID_FIELD],
      ["nvme id-nvmset $CTRL", INVALID_FIELD],
      ["nvme id-domain $CTRL", INVALID_FIELD],
      ["nvme ana-log $CTRL", INVALID_LOG],
      ["nvme predictable-lat-log $CTRL -i 1", INVALID_LOG],
      ["nvme endurance-event-agg-log $CTRL", INVALID_LOG],
      ["nvme resv-notif-log $CTRL", INVALID_LOG],
      ["nvme media-unit-stat-log $CTRL", INVALID_LOG],
      ["nvme supported-cap-config-log $CTRL", INVALID_LOG],
      ["nvme virt-mgmt $CTRL -c 1 -a 9", INVALID_OPCODE],
      ["nvme lockdown $CTRL", INVALID_OPCODE],
      ["nvme admin-passthru $CTRL --opcode=0xc0", INVALID_OPCODE],
      ["nvme resv-report $BLK -n 1", INVALID_OPCODE],
      ["nvme resv-register $BLK -n 1 --nrkey=1 --rrega=0", INVALID_OPCODE],
      ["nvme io-passthru $BLK -n 1 --opcode=0x81", INVALID_OPCODE],
    ] as const;
    await bench.steps(steps);
    assertEquals(await errors(), before + steps.length);
    const { errors: theirs } = await bench.peer("error-log $CTRL -e 2") as {
      errors: readonly Fields[];
    };
    const { log } = await bench.ours("log", "error", bench.device) as {
      log: { errors: readonly Record<string, unknown>[] };
    };
    // The newest first: the command of an I/O queue, whose opcode was not there.
    const [newest, second] = theirs;
    assertEquals(newest?.["error_count"], before + steps.length);
    assert(Number(newest?.["sqid"]) > 0);
    assertEquals([newest?.["nsid"], newest?.["parm_error_location"]], [1, 0]);
    assertEquals(Number(newest?.["status_field"]) & 0x7ff, 0x001);
    assertEquals(second?.["error_count"], before + steps.length - 1);
    const [own] = log.errors;
    assertEquals(
      [own?.["error_count"], own?.["sqid"], own?.["cid"], own?.["nsid"]].map(Number),
      ["error_count", "sqid", "cmdid", "nsid"].map((key) => Number(newest?.[key])),
    );
  },
);

servedTest("raw brings the completion and the data that nvme-cli brings", async (bench) => {
  const mine = await bench.guest.run(
    `nvmectl raw admin ${bench.device} --opcode 6 --cdw10 1 --data-in 4096 -o raw`,
  );
  assertEquals(mine.code, 0, mine.stderr);
  const theirs = await bench.guest.run(
    `nvme admin-passthru ${bench.device} --opcode=6 --cdw10=1 --data-len=4096 -r -b`,
  );
  assertEquals(mine.stdoutBytes, theirs.stdoutBytes);
  const refused = await bench.guest.run(
    `nvmectl raw admin ${bench.device} --opcode 6 --cdw10 0x15 --data-in 4096`,
  );
  assertEquals(refused.code, 3);
  assertMatch(refused.stderr, /Invalid Field in Command/);
});
