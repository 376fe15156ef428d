// Error numbers against the C library's own names.

import { assertEquals, assertMatch } from "@std/assert";
import { ERRNO, errnoName, errnoText } from "../../ffi/errno.ts";

Deno.test("ERRNO agrees with the C library on every name and number", () => {
  const library = Deno.dlopen("libc.so.6", {
    // const char *strerrorname_np(int errnum);  glibc 2.32
    strerrorname_np: { parameters: ["i32"], result: "pointer" },
  });
  for (const [name, number] of Object.entries(ERRNO)) {
    const found = library.symbols.strerrorname_np(number);
    // SAFETY: glibc gives a static string for every number it knows; null fails the test.
    const text = new Deno.UnsafePointerView(found!).getCString();
    assertEquals(text.replace(/^ENOTSUP$/, "EOPNOTSUPP"), name);
  }
  library.close();
});

Deno.test("errnoName() and errnoText() word what the kernel says", () => {
  assertEquals(errnoName(13), "EACCES");
  assertEquals(errnoText(13), "permission denied");
});

Deno.test("errnoName() and errnoText() stay open for numbers without a name", () => {
  assertEquals(errnoName(4095), "errno 4095");
  assertEquals(errnoText(4095), "unknown error");
  assertEquals(errnoName(0), "errno 0");
});

Deno.test("errnoText() words every error without capital, stop or contraction", () => {
  for (const number of Object.values(ERRNO)) {
    assertMatch(errnoText(number), /^[a-z][a-z0-9 ,/-]+[a-z]$/);
  }
});
