// Tests of where a served drive listens, as it is typed.

import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../src/errors.ts";
import { isLoopback, parseListen } from "../../src/serve/listen_address.ts";

Deno.test("parseListen() listens on loopback unless a host is named", () => {
  assertEquals(parseListen("4420"), { hostname: "127.0.0.1", port: 4420 });
  assertEquals(parseListen("0.0.0.0:0"), { hostname: "0.0.0.0", port: 0 });
  assertEquals(parseListen("[::1]:8009"), { hostname: "::1", port: 8009 });
  assertEquals(parseListen("drive.example:65535"), { hostname: "drive.example", port: 65535 });
});

Deno.test("parseListen() refuses what is no address, by name", () => {
  for (const text of ["", "a", "65536", "1.2.3.4", "::1:80", "host:", ":80", "80:host", "-1"]) {
    const { message } = assertThrows(() => parseListen(text), UsageError);
    assertEquals(message, `Cannot listen on ${JSON.stringify(text)}: need [HOST:]PORT`);
  }
});

Deno.test("isLoopback() tells what only this machine can reach", () => {
  const reach = ["4420", "localhost:1", "[::1]:1", "127.9.9.9:1", "0.0.0.0:1", "[::]:1", "a.b:1"]
    .map((text) => isLoopback(parseListen(text)));
  assertEquals(reach, [true, true, true, true, false, false, false]);
});
