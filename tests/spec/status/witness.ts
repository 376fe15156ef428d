// The second witness of the status codes: other people's headers, transcribed apart from the tables
// in src, which were typed from the specification.

/** Codes of one Status Code Type: a line each, the code in hexadecimal and the header's words. */
export interface StatusWitness {
  /** Where the facts were read. */
  readonly source: string;
  readonly type: number;
  /** Whether these are the codes that mean something of their own on a fabric. */
  readonly onFabric?: boolean;
  readonly facts: string;
}

/** What the headers say. libnvme is asked only about codes that SPDK leaves out. */
export const STATUS_WITNESSES: readonly StatusWitness[] = [
  {
    source: "SPDK nvme_spec.h, spdk_nvme_generic_command_status_code",
    type: 0,
    facts: `
      00 success
      01 invalid opcode
      02 invalid field
      03 command id conflict
      04 data transfer error
      05 aborted power loss
      06 internal device error
      07 aborted by request
      08 aborted sq deletion
      09 aborted failed fused
      0a aborted missing fused
      0b invalid namespace or format
      0c command sequence error
      0d invalid sgl seg descriptor
      0e invalid num sgl descirptors
      0f data sgl length invalid
      10 metadata sgl length invalid
      11 sgl descriptor type invalid
      12 invalid controller mem buf
      13 invalid prp offset
      14 atomic write unit exceeded
      15 operation denied
      16 invalid sgl offset
      18 hostid inconsistent format
      19 keep alive expired
      1a keep alive invalid
      1b aborted preempt
      1c sanitize failed
      1d sanitize in progress
      1e sgl data block granularity invalid
      1f command invalid in cmb
      20 command namespace is protected
      21 command interrupted
      22 command transient transport error
      23 command prohibited by lockdown
      24 admin command media not ready
      29 fdp disabled
      2a invalid placement handle list
      80 lba out of range
      81 capacity exceeded
      82 namespace not ready
      83 reservation conflict
      84 format in progress
      85 invalid value size
      86 invalid key size
      87 kv key does not exist
      88 unrecovered error
      89 key exists`,
  },
  {
    source: "SPDK nvme_spec.h, spdk_nvme_command_specific_status_code",
    type: 1,
    facts: `
      00 completion queue invalid
      01 invalid queue identifier
      02 invalid queue size
      03 abort command limit exceeded
      05 async event request limit exceeded
      06 invalid firmware slot
      07 invalid firmware image
      08 invalid interrupt vector
      09 invalid log page
      0a invalid format
      0b firmware req conventional reset
      0c invalid queue deletion
      0d feature id not saveable
      0e feature not changeable
      0f feature not namespace specific
      10 firmware req nvm reset
      11 firmware req reset
      12 firmware req max time violation
      13 firmware activation prohibited
      14 overlapping range
      15 namespace insufficient capacity
      16 namespace id unavailable
      18 namespace already attached
      19 namespace is private
      1a namespace not attached
      1b thinprovisioning not supported
      1c controller list invalid
      1d device self test in progress
      1e boot partition write prohibited
      1f invalid ctrlr id
      20 invalid secondary ctrlr state
      21 invalid num ctrlr resources
      22 invalid resource id
      23 sanitize prohibited
      24 ana group identifier invalid
      25 ana attach failed
      26 insufficient capacity
      27 namespace attach limit exceeded
      28 prohibit cmd exec not supported
      29 iocs not supported
      2a iocs not enabled
      2b iocs combination rejected
      2c invalid iocs
      2d identifier unavailable
      7f stream resource allocation failed
      80 conflicting attributes
      81 invalid protection info
      82 attempted write to ro range
      83 cmd size limit size exceeded
      b8 zoned boundary error
      b9 zone is full
      ba zone is read only
      bb zone is offline
      bc zone invalid write
      bd too many active zones
      be too many open zones
      bf invalid zone state transition`,
  },
  {
    source: "SPDK nvme_spec.h, spdk_nvme_media_error_status_code",
    type: 2,
    facts: `
      80 write faults
      81 unrecovered read error
      82 guard check error
      83 application tag check error
      84 reference tag check error
      85 compare failure
      86 access denied
      87 deallocated or unwritten block
      88 end to end storage tag check error`,
  },
  {
    source: "SPDK nvme_spec.h, spdk_nvme_path_status_code",
    type: 3,
    facts: `
      00 internal path error
      01 asymmetric access persistent loss
      02 asymmetric access inaccessible
      03 asymmetric access transition
      60 controller path error
      70 host path error
      71 aborted by host`,
  },
  {
    source: "SPDK nvmf_spec.h, spdk_nvmf_fabric_cmd_status_code",
    type: 1,
    onFabric: true,
    facts: `
      80 incompatible format
      81 controller busy
      82 invalid param
      83 restart discovery
      84 invalid host
      90 log restart discovery
      91 auth required`,
  },
  {
    source: "libnvme types.h, nvme_status_field",
    type: 0,
    facts: `
      25 invalid key tag
      26 host dispersed ns not enabled
      27 host id not initialized
      28 incorrect key`,
  },
  {
    source: "libnvme types.h, nvme_status_field",
    type: 1,
    facts: `
      04 abort missing
      2f invalid discovery info
      30 zoning data struct locked
      31 zoning data struct notfnd
      32 insufficient disc res
      33 reqstd function disabled
      34 zonegrp originator invld
      37 invalid controler data queue
      38 not enough resources
      39 controller suspended
      3a controller not suspended
      3b controller data queue full
      85 incompatible ns
      86 fast copy not possible
      87 overlapping io range
      89 insufficient resources
      b6 zns invalid op request
      b7 zns zrwa resources unavailable`,
  },
  {
    source: "libnvme types.h, nvme_status_field",
    type: 1,
    onFabric: true,
    facts: `
      85 disconnect invalid qtype`,
  },
];

/** Codes in a header that the specification's current revision reserves. */
export const WITHDRAWN: readonly string[] = ["1/04 abort missing"];

/**
 * The codes that a header names in other words than the specification, each pair read and found to
 * mean the same: type (`f` on a fabric) and code, our name, the header's words.
 */
export const OTHER_WORDS = `
  0/00 Successful Completion = success
  0/01 Invalid Command Opcode = invalid opcode
  0/02 Invalid Field in Command = invalid field
  0/05 Commands Aborted due to Power Loss Notification = aborted power loss
  0/06 Internal Error = internal device error
  0/07 Command Abort Requested = aborted by request
  0/08 Command Aborted due to SQ Deletion = aborted sq deletion
  0/09 Command Aborted due to Failed Fused Command = aborted failed fused
  0/0a Command Aborted due to Missing Fused Command = aborted missing fused
  0/0d Invalid SGL Segment Descriptor = invalid sgl seg descriptor
  0/0e Invalid Number of SGL Descriptors = invalid num sgl descirptors
  0/12 Invalid Use of Controller Memory Buffer = invalid controller mem buf
  0/13 PRP Offset Invalid = invalid prp offset
  0/16 SGL Offset Invalid = invalid sgl offset
  0/18 Host Identifier Inconsistent Format = hostid inconsistent format
  0/19 Keep Alive Timer Expired = keep alive expired
  0/1a Keep Alive Timeout Invalid = keep alive invalid
  0/1b Command Aborted due to Preempt and Abort = aborted preempt
  0/1f Command Not Supported for Queue in CMB = command invalid in cmb
  0/20 Namespace is Write Protected = command namespace is protected
  0/22 Transient Transport Error = command transient transport error
  0/23 Command Prohibited by Command and Feature Lockdown = command prohibited by lockdown
  1/05 Asynchronous Event Request Limit Exceeded = async event request limit exceeded
  1/0b Firmware Activation Requires Conventional Reset = firmware req conventional reset
  1/0d Feature Identifier Not Saveable = feature id not saveable
  1/10 Firmware Activation Requires NVM Subsystem Reset = firmware req nvm reset
  1/11 Firmware Activation Requires Controller Level Reset = firmware req reset
  1/12 Firmware Activation Requires Maximum Time Violation = firmware req max time violation
  1/16 Namespace Identifier Unavailable = namespace id unavailable
  1/1b Thin Provisioning Not Supported = thinprovisioning not supported
  1/1f Invalid Controller Identifier = invalid ctrlr id
  1/20 Invalid Secondary Controller State = invalid secondary ctrlr state
  1/21 Invalid Number of Controller Resources = invalid num ctrlr resources
  1/22 Invalid Resource Identifier = invalid resource id
  1/23 Sanitize Prohibited While Persistent Memory Region is Enabled = sanitize prohibited
  1/27 Namespace Attachment Limit Exceeded = namespace attach limit exceeded
  1/28 Prohibition of Command Execution Not Supported = prohibit cmd exec not supported
  1/29 I/O Command Set Not Supported = iocs not supported
  1/2a I/O Command Set Not Enabled = iocs not enabled
  1/2b I/O Command Set Combination Rejected = iocs combination rejected
  1/2c Invalid I/O Command Set = invalid iocs
  1/81 Invalid Protection Information = invalid protection info
  1/82 Attempted Write to Read Only Range = attempted write to ro range
  1/83 Command Size Limit Exceeded = cmd size limit size exceeded
  2/80 Write Fault = write faults
  2/82 End-to-end Guard Check Error = guard check error
  2/83 End-to-end Application Tag Check Error = application tag check error
  2/84 End-to-end Reference Tag Check Error = reference tag check error
  2/87 Deallocated or Unwritten Logical Block = deallocated or unwritten block
  3/60 Controller Pathing Error = controller path error
  3/70 Host Pathing Error = host path error
  3/71 Command Aborted By Host = aborted by host
  f/82 Connect Invalid Parameters = invalid param
  f/83 Connect Restart Discovery = restart discovery
  f/84 Connect Invalid Host = invalid host
  f/90 Discover Restart = log restart discovery
  f/91 Authentication Required = auth required
  0/26 Host Dispersed Namespace Support Not Enabled = host dispersed ns not enabled
  0/27 Host Identifier Not Initialized = host id not initialized
  1/2f Invalid Discovery Information = invalid discovery info
  1/30 Zoning Data Structure Locked = zoning data struct locked
  1/31 Zoning Data Structure Not Found = zoning data struct notfnd
  1/32 Insufficient Discovery Resources = insufficient disc res
  1/33 Requested Function Disabled = reqstd function disabled
  1/34 ZoneGroup Originator Invalid = zonegrp originator invld
  1/37 Invalid Controller Data Queue = invalid controler data queue
  1/85 Incompatible Namespace or Format = incompatible ns
  1/87 Overlapping I/O Range = overlapping io range
  1/b6 Invalid Zone Operation Request = zns invalid op request
  1/b7 ZRWA Resources Unavailable = zns zrwa resources unavailable
  f/85 Invalid Queue Type = disconnect invalid qtype`;
