// eventfd against the real kernel.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { EventFd } from "../../ffi/eventfd.ts";
import { readText } from "../../ffi/file.ts";
import { libc } from "../../ffi/libc.ts";
import { SysError } from "../../ffi/sys_error.ts";

// Loaded here, so that no test is said to leak it.
libc();

Deno.test("EventFd.take() says once that it was raised, however often it was", () => {
  using event = new EventFd();
  assertEquals(event.take(), false);
  event.raise();
  event.raise();
  assertEquals(event.take(), true);
  assertEquals(event.take(), false);
});

Deno.test("EventFd is closed with the program that it starts, and once disposed of", () => {
  const event = new EventFd();
  const flags = readText(`/proc/self/fdinfo/${event.number}`);
  assert(/^flags:\s*02004002$/m.test(flags), flags);
  event[Symbol.dispose]();
  event[Symbol.dispose]();
  assertThrows(() => event.take(), SysError, "EBADF");
});
