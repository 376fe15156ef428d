// All rows of the conformance tables.

import { ADMIN_ROWS } from "./admin_rows.ts";
import { BUSY_ROWS } from "./busy_rows.ts";
import { CHANGE_ROWS } from "./change_rows.ts";
import { FIRMWARE_ROWS } from "./firmware_rows.ts";
import { IO_ROWS } from "./io_rows.ts";
import { NAMESPACE_ROWS } from "./namespace_rows.ts";
import type { Row } from "./row.ts";

/** Every row. */
export const ALL_ROWS: readonly Row[] = [
  ...NAMESPACE_ROWS,
  ...ADMIN_ROWS,
  ...CHANGE_ROWS,
  ...FIRMWARE_ROWS,
  ...IO_ROWS,
  ...BUSY_ROWS,
];
