import {
  allowedFamilies,
  boundedCalls,
  errors,
  judgedCalls,
  namespaceFlags,
  refusedCalls,
  terminalInjection,
  unknownCalls,
} from './seccomp-calls.js';

/** Numbers of linux/audit.h; x86-64 has a second numbering of the same calls, from `x32From` on. */
const processors: Partial<Record<NodeJS.Architecture, { audit: number; column: 0 | 1; x32From?: number }>> = {
  x64: { audit: 0xc000003e, column: 0, x32From: 0x40000000 },
  arm64: { audit: 0xc00000b7, column: 1 },
};

const load = 0x20;
const jumpIfEqual = 0x15;
const jumpIfGreater = 0x25;
const jumpIfAtLeast = 0x35;
const jumpIfAnyBit = 0x45;
const answer = 0x06;

const allow = 0x7fff0000;
const kill = 0x80000000;
const refuse = (errno: number) => 0x00050000 | errno;

/** Offsets in struct seccomp_data. */
const number = 0;
const arch = 4;
const firstArgument = 16;
const secondArgument = 24;
const upperHalf = 4;

/**
 * The filter for bubblewrap's `--seccomp FD`, assembled as classic BPF.
 * @throws Error for a processor that there is no list of calls for
 */
export function buildSeccompFilter(processor: NodeJS.Architecture): Buffer {
  const known = processors[processor];
  if (!known) throw new Error(`sandbox: no seccomp filter for ${processor}; x64 and arm64 have one`);
  const program: [code: number, ifTrue: number, ifFalse: number, value: number][] = [];
  const emit = (code: number, value: number, ifTrue = 0, ifFalse = 0) =>
    program.push([code, ifTrue, ifFalse, value >>> 0]);
  const { column } = known;

  emit(load, arch);
  emit(jumpIfEqual, known.audit, 1, 0);
  emit(answer, kill);
  emit(load, number);
  if (known.x32From !== undefined) {
    emit(jumpIfAtLeast, known.x32From, 0, 1);
    emit(answer, refuse(errors.ENOSYS));
  }
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

  emit(jumpIfEqual, judgedCalls.clone[column], 0, 4);
  emit(load, firstArgument);
  emit(
    jumpIfAnyBit,
    namespaceFlags.reduce((all, flag) => all | flag),
    0,
    1,
  );
  emit(answer, refuse(errors.EPERM));
  emit(answer, allow);

  emit(jumpIfEqual, judgedCalls.ioctl[column], 0, 5);
  emit(load, secondArgument);
  emit(jumpIfEqual, terminalInjection[0] ?? 0, 1, 0);
  emit(jumpIfEqual, terminalInjection[1] ?? 0, 0, 1);
  emit(answer, refuse(errors.EPERM));
  emit(answer, allow);

  for (const [name, most] of Object.entries(boundedCalls) as [keyof typeof boundedCalls, number][]) {
    emit(jumpIfEqual, judgedCalls[name][column], 0, 6);
    emit(load, secondArgument + upperHalf);
    emit(jumpIfEqual, 0, 0, 2);
    emit(load, secondArgument);
    emit(jumpIfGreater, most, 0, 1);
    emit(answer, refuse(errors.EINVAL));
    emit(answer, allow);
  }

  emit(jumpIfEqual, judgedCalls.socket[column], 0, allowedFamilies.length + 2);
  emit(load, firstArgument);
  allowedFamilies.forEach((family, index) => {
    emit(jumpIfEqual, family, allowedFamilies.length - index, 0);
  });
  emit(answer, refuse(errors.EAFNOSUPPORT));
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
