/*
 * System calls that no command in a sandbox needs. For some of them, this filter is the only protection: a
 * network namespace does not isolate AF_VSOCK sockets, and inserting input into a terminal needs no
 * capability. The numbers for x86-64 and arm64 come from the kernel (asm/unistd.h, errno.h, linux/sched.h).
 * Null means that the processor does not have the call.
 */

export const errors = { EPERM: 1, EINVAL: 22, ENOSYS: 38, EAFNOSUPPORT: 97 };

/** Calls that the filter rejects with EPERM. */
export const refusedCalls: Record<string, readonly [x64: number, arm64: number | null]> = {
  // Calls that access other processes.
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  kcmp: [312, 272],
  pidfd_getfd: [438, 438],
  process_madvise: [440, 440],
  // Calls that change mounts, namespaces or file systems.
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  setns: [308, 268],
  unshare: [272, 97],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  open_tree_attr: [467, 467],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  swapon: [167, 224],
  swapoff: [168, 225],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  acct: [163, 89],
  fanotify_init: [300, 262],
  // Calls that change or inspect the kernel or the machine.
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  keyctl: [250, 219],
  add_key: [248, 217],
  request_key: [249, 218],
  syslog: [103, 116],
  reboot: [169, 142],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  iopl: [172, null],
  ioperm: [173, null],
};

/**
 * Calls that the filter rejects with ENOSYS, as if the kernel did not have them. Programs then use other
 * calls.
 */
export const unknownCalls: Record<string, readonly [x64: number, arm64: number]> = {
  // The flags of clone3 are behind a pointer, so a filter cannot check them. Without clone3, libc uses clone.
  clone3: [435, 435],
  // These calls allocate memory that belongs to no process and no file system, so no limit counts it.
  memfd_create: [319, 279],
  memfd_secret: [447, 447],
  msgget: [68, 186],
};

/** Calls that are allowed or refused depending on their arguments. */
export const conditionalCalls = {
  socket: [41, 198],
  ioctl: [16, 29],
  clone: [56, 220],
  shmget: [29, 194],
  semget: [64, 190],
} as const;

/** Refused flags of `clone`: CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET. */
export const namespaceFlags = [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000];
/**
 * Allowed address families of `socket`: AF_UNIX, AF_INET, AF_INET6 and AF_NETLINK. They are harmless, because
 * a sandbox has no network interface except loopback. The filter rejects all other families.
 */
export const allowedFamilies = [1, 2, 10, 16];
/**
 * The `ioctl` requests TIOCSTI and TIOCLINUX, which the filter rejects. They insert input into a terminal.
 */
export const terminalInjection = [0x5412, 0x541c];
/**
 * Maximum size of a shared memory segment. Postgres needs 56 bytes. No other limit counts shared segments,
 * and a command can create 4,096 of them.
 */
const maxSharedSegmentBytes = 65_536;
/**
 * Maximum number of semaphores in a set. Postgres needs 17 at most. No other limit counts the memory of
 * semaphores. A command can create 32,000 sets, and each semaphore takes 64 bytes.
 */
const maxSemaphoresInSet = 32;

/**
 * Calls that the filter rejects with EINVAL when the second argument exceeds the given value. The kernel
 * returns the same error when this argument exceeds the kernel's own limit.
 */
export const boundedCalls = { shmget: maxSharedSegmentBytes, semget: maxSemaphoresInSet } as const;
