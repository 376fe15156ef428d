// A drive with two controllers: what one of them destroys may be in use through the other.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { bootWithNvmectl, controllers, nvmectl, shell, unavailable } from "../support/guest.ts";

const SERIAL = "PEERS1";
const MIB = 1024 * 1024;

Deno.test({
  name: "a namespace mounted through one controller forbids to sanitize through the other",
  ignore: unavailable !== undefined,
  fn: async () => {
    await using guest = await bootWithNvmectl({
      drives: [
        {
          serial: SERIAL,
          subsystem: "peers",
          namespaces: [{ bytes: 32 * MIB, shared: true }, { bytes: 32 * MIB }],
        },
        { serial: SERIAL, subsystem: "peers", namespaces: [] },
      ],
    });
    const paths = await controllers(guest, SERIAL);
    assertEquals(paths.length, 2);
    // The private namespace: the one that only one controller reaches.
    const { stdout } = await nvmectl(guest, ["list", "-o", "json"]);
    const { namespaces } = JSON.parse(stdout) as {
      namespaces: readonly { device: string; paths: readonly { controller: string }[] }[];
    };
    const own = namespaces.find((one) => one.paths.length === 1);
    const other = paths.find((path) => path !== `/dev/${own?.paths[0]?.controller}`);
    assert(own && other, stdout);
    await shell(
      guest,
      `mkfs.ext4 -q -F ${own.device} && mkdir -p /run/mnt && mount ${own.device} /run/mnt`,
    );
    const { code, stderr } = await nvmectl(guest, [
      ...["raw", "admin", other, "--opcode", "0x84", "--cdw10", "2"],
      ...["--yes", "--serial", SERIAL, "--trace"],
    ]);
    assertEquals(code, 5, stderr);
    assertMatch(stderr, /is mounted at \/run\/mnt/);
    assert(!/OPC=Sanitize/.test(stderr), stderr);
  },
});
