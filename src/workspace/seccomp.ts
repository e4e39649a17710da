/*
 * The seccomp filter for bubblewrap's `--seccomp FD`, assembled as classic BPF. No network namespace closes AF_VSOCK,
 * and no capability is needed to push characters into a terminal: only a filter ends those. Numbers are the kernel's
 * (asm/unistd.h, linux/audit.h, linux/seccomp.h).
 */

interface Architecture {
  audit: number;
  /** x86-64 has a second numbering of the same calls, from here on. */
  x32From: number | null;
  socket: number;
  ioctl: number;
  clone: number;
  clone3: number;
  /** Calls that nothing inside has any business with. */
  refused: number[];
}

const architectures: Partial<Record<NodeJS.Architecture, Architecture>> = {
  x64: {
    audit: 0xc000003e,
    x32From: 0x40000000,
    socket: 41,
    ioctl: 16,
    clone: 56,
    clone3: 435,
    // ptrace process_vm_readv/writev mount umount2 pivot_root chroot setns unshare open_tree move_mount fsopen fsconfig
    // fsmount fspick mount_setattr kexec_load kexec_file_load init_module finit_module delete_module bpf
    // perf_event_open userfaultfd io_uring_setup/enter/register keyctl add_key request_key name_to_handle_at
    // open_by_handle_at swapon swapoff reboot settimeofday clock_settime acct quotactl iopl ioperm kcmp pidfd_getfd
    // syslog fanotify_init
    refused: [
      101, 310, 311, 165, 166, 155, 161, 308, 272, 428, 429, 430, 431, 432, 433, 442, 246, 320, 175, 313, 176,
      321, 298, 323, 425, 426, 427, 250, 248, 249, 303, 304, 167, 168, 169, 164, 227, 163, 179, 172, 173, 312,
      438, 103, 300,
    ],
  },
  arm64: {
    audit: 0xc00000b7,
    x32From: null,
    socket: 198,
    ioctl: 29,
    clone: 220,
    clone3: 435,
    refused: [
      117, 270, 271, 40, 39, 41, 51, 268, 97, 428, 429, 430, 431, 432, 433, 442, 104, 294, 105, 273, 106, 280,
      241, 282, 425, 426, 427, 219, 217, 218, 264, 265, 224, 225, 142, 170, 112, 89, 60, 272, 438, 116, 262,
    ],
  },
};

const load = 0x20;
const jumpIfEqual = 0x15;
const jumpIfAtLeast = 0x35;
const jumpIfAnyBit = 0x45;
const answer = 0x06;

const allow = 0x7fff0000;
const kill = 0x80000000;
const refuse = (errno: number) => 0x00050000 | errno;
const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

/** Offsets in struct seccomp_data. */
const number = 0;
const arch = 4;
const firstArgument = 16;
const secondArgument = 24;

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const newNamespaces = 0x7e020000;
/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK: what is there without a network card leads nowhere. */
const families = [1, 2, 10, 16];
/** TIOCSTI and TIOCLINUX type into the terminal that they are given. */
const terminalInjection = [0x5412, 0x541c];

/** @throws Error for a processor that there is no list of calls for */
export function buildSeccompFilter(processor: NodeJS.Architecture): Buffer {
  const known = architectures[processor];
  if (!known) throw new Error(`sandbox: no seccomp filter for ${processor}; x64 and arm64 have one`);
  const program: [code: number, ifTrue: number, ifFalse: number, value: number][] = [];
  const emit = (code: number, value: number, ifTrue = 0, ifFalse = 0) =>
    program.push([code, ifTrue, ifFalse, value >>> 0]);

  emit(load, arch);
  emit(jumpIfEqual, known.audit, 1, 0);
  emit(answer, kill);
  emit(load, number);
  if (known.x32From !== null) {
    emit(jumpIfAtLeast, known.x32From, 0, 1);
    emit(answer, refuse(ENOSYS));
  }
  for (const call of known.refused) {
    emit(jumpIfEqual, call, 0, 1);
    emit(answer, refuse(EPERM));
  }
  // Its flags are behind a pointer that a filter cannot follow: libc falls back to clone.
  emit(jumpIfEqual, known.clone3, 0, 1);
  emit(answer, refuse(ENOSYS));
  emit(jumpIfEqual, known.clone, 0, 4);
  emit(load, firstArgument);
  emit(jumpIfAnyBit, newNamespaces, 0, 1);
  emit(answer, refuse(EPERM));
  emit(answer, allow);
  emit(jumpIfEqual, known.ioctl, 0, 5);
  emit(load, secondArgument);
  emit(jumpIfEqual, terminalInjection[0] ?? 0, 1, 0);
  emit(jumpIfEqual, terminalInjection[1] ?? 0, 0, 1);
  emit(answer, refuse(EPERM));
  emit(answer, allow);
  emit(jumpIfEqual, known.socket, 0, families.length + 2);
  emit(load, firstArgument);
  families.forEach((family, index) => {
    emit(jumpIfEqual, family, families.length - index, 0);
  });
  emit(answer, refuse(EAFNOSUPPORT));
  emit(answer, allow);

  const bytes = Buffer.alloc(program.length * 8);
  program.forEach(([code, ifTrue, ifFalse, value], index) => {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(ifTrue, index * 8 + 2);
    bytes.writeUInt8(ifFalse, index * 8 + 3);
    bytes.writeUInt32LE(value, index * 8 + 4);
  });
  return bytes;
}
