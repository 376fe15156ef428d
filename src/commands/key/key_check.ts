// What is said of a key that was checked: what it is, or what is wrong with it.

import { facts, paragraph, type Report, toned } from "../../cli/report.ts";
import { EXIT } from "../../errors.ts";
import {
  hashTitle,
  type InterchangeKey,
  keyChecksum,
  KeyFormatError,
  type Secret,
} from "../../keys/mod.ts";
import { checksumText, hashJson } from "./key_output.ts";

/**
 * Reads a key and says what it is. One that cannot be read is a result too, with exit status 1.
 *
 * @param notes remarks about a key that is good
 */
export function checkReport(
  text: Secret,
  read: (text: Uint8Array) => InterchangeKey,
  notes: (key: InterchangeKey) => readonly string[] = () => [],
): Report {
  try {
    using key = read(text.bytes());
    return goodReport(key, notes(key));
  } catch (error) {
    if (!(error instanceof KeyFormatError)) throw error;
    return {
      json: {
        valid: false,
        problem: error.problem,
        message: error.message,
        ...(error.next === undefined ? {} : { next: error.next }),
      },
      blocks: [
        facts([["Valid", toned("no", "bad")], ["Problem", error.problem]]),
        paragraph(error.message),
        ...(error.next === undefined ? [] : [paragraph(`Next: ${error.next}`)]),
      ],
      exit: EXIT.bad,
    };
  }
}

function goodReport(key: InterchangeKey, notes: readonly string[]): Report {
  const checksum = checksumText(keyChecksum(key.secret));
  return {
    json: {
      valid: true,
      hash: hashJson(key.hash),
      length_bytes: key.secret.length,
      crc32: checksum,
      notes,
    },
    blocks: [
      facts([
        ["Valid", toned("yes", "good")],
        ["Hash function", hashTitle(key.hash)],
        ["Length", `${key.secret.length} bytes`],
        ["CRC-32", checksum],
      ]),
      ...notes.map(paragraph),
    ],
  };
}
