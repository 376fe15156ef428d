// Where the facts of the tests beside this were typed from, when a test names only the constant.

/** libnvme, `src/nvme/ioctl.h`: the shifts and masks of command dwords. */
export const IOCTL = "libnvme, enum nvme_cmd_dword_fields";
