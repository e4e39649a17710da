import {
  allowedFamilies,
  boundedCalls,
  conditionalCalls,
  errors,
  namespaceFlags,
  refusedCalls,
  terminalInjection,
  unknownCalls,
} from './seccomp-calls.js';

interface Processor {
  /** The AUDIT_ARCH_* constant of linux/audit.h for this processor. */
  audit: number;
  /** Index of this processor's call numbers in the pairs of seccomp-calls.ts. */
  column: 0 | 1;
  /**
   * The first call number of the x32 ABI. This ABI has its own numbers for the same calls. Only x86-64
   * processors have this ABI.
   */
  x32From?: number;
}

const processors: Partial<Record<NodeJS.Architecture, Processor>> = {
  x64: { audit: 0xc000003e, column: 0, x32From: 0x40000000 },
  arm64: { audit: 0xc00000b7, column: 1 },
};

/** Opcodes of classic BPF. The jumps compare the value that was loaded last with a constant. */
const load = 0x20;
const jumpIfEqual = 0x15;
const jumpIfGreater = 0x25;
const jumpIfAtLeast = 0x35;
const jumpIfAnyBit = 0x45;
const answer = 0x06;

const allow = 0x7fff0000;
const kill = 0x80000000;
const refuse = (errno: number) => 0x00050000 | errno;

/** Offsets of the fields in struct seccomp_data. */
const number = 0;
const arch = 4;
const firstArgument = 16;
const secondArgument = 24;
const upperHalf = 4;

/**
 * Adds an instruction to the filter. A jump skips the next `ifTrue` instructions if its condition is true,
 * and otherwise the next `ifFalse` instructions.
 */
type Emit = (code: number, value: number, ifTrue?: number, ifFalse?: number) => void;

/**
 * Builds the filter for bubblewrap's `--seccomp FD`, in the format of classic BPF.
 * @throws Error when seccomp-calls.ts has no system call numbers for the processor
 */
export function buildSeccompFilter(architecture: NodeJS.Architecture): Buffer {
  const processor = processors[architecture];
  if (!processor)
    throw new Error(
      `sandbox: there is no seccomp filter for ${architecture} processors, only for x64 and arm64`,
    );
  const program: [code: number, ifTrue: number, ifFalse: number, value: number][] = [];
  const emit: Emit = (code, value, ifTrue = 0, ifFalse = 0) =>
    program.push([code, ifTrue, ifFalse, value >>> 0]);
  checkProcessor(emit, processor);
  refuseCalls(emit, processor);
  checkClone(emit, processor);
  checkIoctl(emit, processor);
  checkBoundedCalls(emit, processor);
  checkSocket(emit, processor);
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

/**
 * Adds instructions that (1) kill a process that makes system calls for another type of processor, (2) load
 * the call number for the checks that follow, and (3) reject calls of the x32 ABI with ENOSYS.
 */
function checkProcessor(emit: Emit, { audit, x32From }: Processor): void {
  emit(load, arch);
  emit(jumpIfEqual, audit, 1, 0);
  emit(answer, kill);
  emit(load, number);
  if (x32From === undefined) return;
  emit(jumpIfAtLeast, x32From, 0, 1);
  emit(answer, refuse(errors.ENOSYS));
}

function refuseCalls(emit: Emit, { column }: Processor): void {
  for (const [calls, errno] of [
    [refusedCalls, errors.EPERM],
    [unknownCalls, errors.ENOSYS],
  ] as const)
    for (const numbers of Object.values(calls)) {
      const call = numbers[column];
      if (call === null) continue;
      emit(jumpIfEqual, call, 0, 1);
      emit(answer, refuse(errno));
    }
}

function checkClone(emit: Emit, { column }: Processor): void {
  const anyNamespace = namespaceFlags.reduce((all, flag) => all | flag);
  emit(jumpIfEqual, conditionalCalls.clone[column], 0, 4);
  emit(load, firstArgument);
  emit(jumpIfAnyBit, anyNamespace, 0, 1);
  emit(answer, refuse(errors.EPERM));
  emit(answer, allow);
}

function checkIoctl(emit: Emit, { column }: Processor): void {
  emit(jumpIfEqual, conditionalCalls.ioctl[column], 0, 5);
  emit(load, secondArgument);
  emit(jumpIfEqual, terminalInjection[0] ?? 0, 1, 0);
  emit(jumpIfEqual, terminalInjection[1] ?? 0, 0, 1);
  emit(answer, refuse(errors.EPERM));
  emit(answer, allow);
}

function checkBoundedCalls(emit: Emit, { column }: Processor): void {
  for (const [name, max] of Object.entries(boundedCalls) as [keyof typeof boundedCalls, number][]) {
    emit(jumpIfEqual, conditionalCalls[name][column], 0, 6);
    emit(load, secondArgument + upperHalf);
    emit(jumpIfEqual, 0, 0, 2);
    emit(load, secondArgument);
    emit(jumpIfGreater, max, 0, 1);
    emit(answer, refuse(errors.EINVAL));
    emit(answer, allow);
  }
}

function checkSocket(emit: Emit, { column }: Processor): void {
  emit(jumpIfEqual, conditionalCalls.socket[column], 0, allowedFamilies.length + 2);
  emit(load, firstArgument);
  allowedFamilies.forEach((family, index) => {
    emit(jumpIfEqual, family, allowedFamilies.length - index, 0);
  });
  emit(answer, refuse(errors.EAFNOSUPPORT));
}
