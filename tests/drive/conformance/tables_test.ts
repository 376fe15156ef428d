// The answers of the drive against the tables: each row on a drive of its own.

import { NAMESPACE_ROWS } from "./namespace_rows.ts";
import { check } from "./row.ts";

for (const row of NAMESPACE_ROWS) {
  Deno.test(`${row.what}: ${row.status} ${row.cite}`, () => check(row));
}
