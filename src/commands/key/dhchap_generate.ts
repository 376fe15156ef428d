// nvmectl key dhchap generate: a secret for DH-HMAC-CHAP, and the key that an NQN makes of it.

import { command, type Context } from "../../cli/command.ts";
import { choice, text } from "../../cli/flags.ts";
import { type Fact, facts, paragraph, type Report } from "../../cli/report.ts";
import { UsageError } from "../../errors.ts";
import {
  acceptedEverywhere,
  chosenDhchapSecret,
  generateDhchapSecret,
  hashTitle,
  type InterchangeKey,
  transformDhchapSecret,
  writeInterchange,
} from "../../keys/mod.ts";
import {
  ANY_LENGTH,
  hashFlag,
  lengthFlag,
  OUT_FLAGS,
  readHex,
  SECRET_FLAGS,
  secretGiven,
} from "./key_input.ts";
import { checkOut, deliverText, hashJson, type Place } from "./key_output.ts";

const OLDER = "nvme-cli 2 and Linux before 6.7 refuse a secret whose length is not its hash's";
const SAME = "Without a hash function nothing is transformed: both are the same.";
const TWICE =
  "The transformed key is for software that does not transform secrets itself; where a " +
  "secret belongs, it would be transformed twice.";

export const keyDhchapGenerate = command({
  name: "key dhchap generate",
  group: "Change",
  summary: "Make a secret for DH-HMAC-CHAP (KX-HMAC-CHAP)",
  description:
    "The secret is what is configured on the host and in the subsystem. Both transform it with an\n" +
    "NQN into the key that they compute with; --hmac says how. With --nqn that transformed key is\n" +
    "shown too: nvme gen-dhchap-key of nvme-cli 2 prints it, that of nvme-cli 3 the secret.",
  effect: "read",
  target: "none",
  flags: {
    hmac: hashFlag("Hash function of the transformation (default none)", [
      "none",
      "sha256",
      "sha384",
      "sha512",
    ]),
    length: lengthFlag([32, 48, 64]),
    ...SECRET_FLAGS,
    nqn: text("Show the key that the host or subsystem of this name makes of it", "NQN"),
    form: choice("What --out and -o raw write (default secret)", ["secret", "transformed"]),
    anyLength: ANY_LENGTH,
    ...OUT_FLAGS,
  },
  formats: ["table", "json", "raw"],
  examples: [
    ["nvmectl key dhchap generate --hmac sha256 --out host.key", "a new secret in a file"],
    ["nvmectl key dhchap generate --secret-file hex.txt", "one whose bytes are given"],
    ["nvmectl key dhchap generate --hmac sha384 --nqn nqn.2014-08.org.example:a", "both forms"],
  ],
  async run(context, { flags }) {
    const { hmac: hash = "none", length, anyLength, nqn, form = "secret" } = flags;
    if (form === "transformed" && nqn === undefined) {
      throw new UsageError("Cannot transform the secret: need --nqn, the name that makes it a key");
    }
    await checkOut(context, flags);
    const request = { hash, length, anyLength };
    using secret = secretGiven(flags)
      ? chosenDhchapSecret(await readHex(context, flags), request)
      : generateDhchapSecret(request, (bytes) => context.secrets.random(bytes));
    using key = nqn === undefined ? undefined : transformDhchapSecret(secret, nqn);
    return await generatedReport(context, { secret, key, nqn, form, place: flags });
  },
});

async function generatedReport(
  context: Context,
  { secret, key, nqn, form, place }: {
    readonly secret: InterchangeKey;
    readonly key: InterchangeKey | undefined;
    readonly nqn: string | undefined;
    readonly form: "secret" | "transformed";
    readonly place: Place;
  },
): Promise<Report> {
  const { out } = place;
  using secretForm = writeInterchange(secret);
  using keyForm = key && writeInterchange(key);
  const [label, name, result] = form === "transformed" && keyForm
    ? ["Transformed key", "transformed_key", keyForm] as const
    : ["Secret", "secret", secretForm] as const;
  const delivered = await deliverText(context, place, { secret: result, label, name });
  const both = keyForm && out === undefined;
  const facing: readonly Fact[] = both
    ? [["Secret", secretForm.text()], ["Transformed key", keyForm.text()]]
    : [delivered.fact];
  const notes = [
    ...(acceptedEverywhere(secret) ? [] : [OLDER]),
    ...(key ? [secret.hash === "none" ? SAME : TWICE] : []),
  ];
  return {
    json: {
      hash: hashJson(secret.hash),
      length_bytes: secret.secret.length,
      ...(nqn === undefined ? {} : { nqn }),
      ...(both ? { secret: secretForm.text(), transformed_key: keyForm.text() } : delivered.json),
      ...(out === undefined ? {} : { form }),
      notes,
    },
    blocks: [
      facts([
        ...facing,
        ["Hash function", hashTitle(secret.hash)],
        ["Length", `${secret.secret.length} bytes`],
        ...(nqn === undefined ? [] : [["Transformed for", nqn] as const]),
      ]),
      ...notes.map(paragraph),
    ],
    ...delivered.raw,
  };
}
