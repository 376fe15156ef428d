// The answers of the drive against the tables: each row on a drive of its own.

import { ADMIN_ROWS } from "./admin_rows.ts";
import { CHANGE_ROWS } from "./change_rows.ts";
import { NAMESPACE_ROWS } from "./namespace_rows.ts";
import { check } from "./row.ts";

const ROWS = [...NAMESPACE_ROWS, ...ADMIN_ROWS, ...CHANGE_ROWS];

for (const row of ROWS) {
  Deno.test(`${row.what}: ${row.status} ${row.cite}`, () => check(row));
}
