// Loads libc before an example runs: it stays loaded, which a test would be told is a leak.

import { libc } from "../../ffi/libc.ts";

libc();
