// The kernel's refusals, with what they mean.

import { assertEquals, assertThrows } from "@std/assert";
import { UnreachableError, UsageError } from "../../src/errors.ts";
import { asked, reasonOf } from "../../src/keys/keyring_error.ts";

Deno.test("asked() words what the kernel refuses, and keeps its code and the next step", () => {
  const refused = Object.assign(new Error("Cannot link key 5: permission denied (EACCES)"), {
    code: "EACCES",
  });
  const error = assertThrows(
    () =>
      asked(() => {
        throw refused;
      }, "link the keyring"),
    UnreachableError,
  );
  assertEquals(error.message, "Cannot link the keyring: permission denied (EACCES)");
  assertEquals([error.code, error.cause], ["EACCES", refused]);
  assertEquals(error.next?.includes("key ring link"), true);
});

Deno.test("asked() lets everything else through", () => {
  for (const thrown of [new UsageError("no"), new TypeError("bug")]) {
    assertThrows(
      () =>
        asked(() => {
          throw thrown;
        }, "x"),
      thrown.constructor as new () => Error,
      thrown.message,
    );
  }
  assertEquals([asked(() => 5, "x"), reasonOf("EACCES")], [5, undefined]);
});
