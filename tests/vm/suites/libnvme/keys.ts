// Secrets and keys, made by one tool and taken by the other: nvme-cli 2.3 is the witness. And the
// keyring of the guest's kernel, which does not let everybody have everything.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { guestTest, nvmectl, ORDINARY_USER, shell } from "../../../support/guest.ts";

const NQN = "nqn.2014-08.org.nvmexpress:uuid:6b0e4f9c-0f4e-4f5e-8f66-2d6a9c1c5b11";
const SUBSYSTEM = "nqn.2014-08.org.example:subsystem";
/** A secret of 64 bytes, of which shorter ones are the beginning. */
const SECRET = "0123456789abcdeffedcba98765432100f1e2d3c4b5a69788796a5b4c3d2e1f0".repeat(2);

/** nvme-cli's number of a hash function, ours, and the bytes of a secret. */
const HASHES = [[0, "none", 32], [0, "none", 48], [0, "none", 64], [1, "sha256", 32], [
  2,
  "sha384",
  48,
], [3, "sha512", 64]] as const;

guestTest("gen-dhchap-key of nvme-cli is reproduced for secret, hash and NQN", async (guest) => {
  for (const [number, hmac, bytes] of HASHES) {
    const secret = SECRET.slice(0, bytes * 2);
    const theirs = await shell(
      guest,
      `nvme gen-dhchap-key --hmac=${number} --key-length=${bytes} --secret=${secret} --nqn=${NQN}`,
    );
    const words = ["--hmac", hmac, "--length", `${bytes}`, "--secret-file", "-", "--nqn", NQN];
    const mine = await nvmectl(
      guest,
      ["key", "dhchap", "generate", ...words, "--form", "transformed", "-o", "raw"],
      { stdin: secret },
    );
    assertEquals(mine.code, 0, mine.stderr);
    assertEquals(mine.stdout.trim(), theirs.trim(), `${hmac}, ${bytes} bytes`);
  }
});

guestTest(
  "check-dhchap-key takes secrets of ours, key dhchap check takes theirs",
  async (guest) => {
    for (const [number, hmac, bytes] of HASHES) {
      const words = ["--hmac", hmac, "--length", `${bytes}`, "-o", "raw"];
      const { stdout: made, stderr } = await nvmectl(guest, [
        "key",
        "dhchap",
        "generate",
        ...words,
      ]);
      const said = await shell(guest, `nvme check-dhchap-key --key='${made.trim()}'`);
      assertStringIncludes(said, `Key is valid (HMAC ${number}, length ${bytes}`, stderr);
    }
    const theirs = await shell(guest, `nvme gen-dhchap-key --hmac=2 --nqn=${NQN}`);
    const check = ["key", "dhchap", "check", "--in", "-"];
    assertEquals((await nvmectl(guest, check, { stdin: theirs })).code, 0);
    // One bit of the secret is another.
    const broken = theirs.trim().replace(
      /^(DHHC-1:02:)(.)/,
      (_all, head, first) => `${head}${first === "A" ? "B" : "A"}`,
    );
    const refused = await guest.run(`nvme check-dhchap-key --key='${broken}'`);
    assert(refused.code !== 0 && /CRC mismatch/.test(refused.stderr), refused.stderr);
    const mine = await nvmectl(guest, check, { stdin: broken });
    assertEquals(mine.code, 1, mine.stderr);
    assertStringIncludes(mine.stdout, "CRC");
  },
);

guestTest("keys for TLS go from gen-tls-key to nvmectl, and to check-tls-key", async (guest) => {
  for (const [number, hmac, bytes] of [[1, "sha256", 32], [2, "sha384", 48]] as const) {
    const theirs = (await shell(guest, `nvme gen-tls-key --hmac=${number}`)).trim();
    const checked = await nvmectl(guest, ["key", "tls", "check", "--in", "-", "-o", "json"], {
      stdin: theirs,
    });
    assertEquals(checked.code, 0, checked.stdout);
    assertEquals(JSON.parse(checked.stdout)["length_bytes"], bytes);
    // The bytes that are in it make the same key again.
    const inside = await nvmectl(guest, ["key", "tls", "import", "--in", "-", "-o", "raw"], {
      stdin: theirs,
    });
    assertEquals(inside.stdoutBytes.length, bytes);
    const generate = ["key", "tls", "generate", "--hmac", hmac, "-o", "raw"];
    const again = await nvmectl(guest, [...generate, "--secret-file", "-"], {
      stdin: inside.stdoutBytes.toHex(),
    });
    assertEquals(again.stdout.trim(), theirs);
    const mine = (await nvmectl(guest, generate)).stdout.trim();
    const said = await shell(guest, `nvme check-tls-key --key='${mine}'`);
    assertStringIncludes(said, `Key is valid (HMAC ${number}, length ${bytes}`);
  }
});

guestTest("a keyring without permission is exit status 4, and says whose it is", async (guest) => {
  const key = await shell(guest, "nvme gen-tls-key");
  const insert = ["key", "tls", "insert", "--in", "-", "--hostnqn", NQN, "--subsysnqn", SUBSYSTEM];
  const made = await nvmectl(guest, [...insert, "--keyring", "@u", "-o", "json"], { stdin: key });
  assertEquals(made.code, 0, made.stderr);
  const { serial, keyring, identity } = JSON.parse(made.stdout);
  const list = ["key", "tls", "list", "--keyring", `${keyring}`, "-o", "json"];
  const listed = JSON.parse((await nvmectl(guest, list)).stdout);
  assertEquals(listed.keys.map((one: { serial: number }) => one.serial), [serial]);

  for (
    const words of [
      ["key", "ring", "describe", `${serial}`],
      ["key", "ring", "read", `${serial}`, "--show"],
      ["key", "ring", "update", "user", "nvmectl-test", "--in", "-", "--keyring", `${keyring}`],
      ["key", "tls", "revoke", identity, "--keyring", `${keyring}`],
      list,
      [...insert, "--keyring", `${keyring}`],
    ]
  ) {
    const refused = await nvmectl(guest, words, { user: ORDINARY_USER, stdin: key });
    assertEquals([refused.code, refused.stdout], [4, ""], `${words.join(" ")}: ${refused.stderr}`);
    assertStringIncludes(refused.stderr, "its owner does not let this user");
  }
  // The key is as it was.
  const still = JSON.parse((await nvmectl(guest, list)).stdout);
  assertEquals(still.keys.map((one: { serial: number }) => one.serial), [serial]);
  await shell(guest, `nvmectl key tls revoke '${identity}' --keyring @u`);
});
