import {
  allowedFamilies,
  boundedCalls,
  errors,
  type judgedCalls,
  namespaceFlags,
  refusedCalls,
  terminalInjection,
  unknownCalls,
} from './seccomp-calls.js';

interface Rule {
  names: string[];
  action: 'SCMP_ACT_ERRNO';
  errnoRet: number;
  args?: { index: number; op: string; value: number; valueTwo?: number }[];
}

/** Above every address family that there is. */
const families = 64;

/**
 * The same filter as a profile for Docker and Podman. Each of an engine's rules is either-or, so what is judged by its
 * arguments is listed value by value.
 */
export function buildSeccompProfile(): string {
  const refuse = (names: string[], errnoRet: number, args?: Rule['args']): Rule => ({
    names,
    action: 'SCMP_ACT_ERRNO',
    errnoRet,
    ...(args && { args }),
  });
  const judge = (name: keyof typeof judgedCalls, errno: number, arg: NonNullable<Rule['args']>[number]) =>
    refuse([name], errno, [arg]);
  const refusedFamilies = Array.from({ length: families }, (_, family) => family).filter(
    (family) => !allowedFamilies.includes(family),
  );
  const syscalls: Rule[] = [
    refuse(Object.keys(refusedCalls), errors.EPERM),
    refuse(Object.keys(unknownCalls), errors.ENOSYS),
    ...namespaceFlags.map((flag) =>
      judge('clone', errors.EPERM, { index: 0, op: 'SCMP_CMP_MASKED_EQ', value: flag, valueTwo: flag }),
    ),
    ...terminalInjection.map((request) =>
      judge('ioctl', errors.EPERM, { index: 1, op: 'SCMP_CMP_EQ', value: request }),
    ),
    ...(Object.entries(boundedCalls) as [keyof typeof boundedCalls, number][]).map(([name, most]) =>
      judge(name, errors.EINVAL, { index: 1, op: 'SCMP_CMP_GT', value: most }),
    ),
    ...refusedFamilies.map((family) =>
      judge('socket', errors.EAFNOSUPPORT, { index: 0, op: 'SCMP_CMP_EQ', value: family }),
    ),
    judge('socket', errors.EAFNOSUPPORT, { index: 0, op: 'SCMP_CMP_GE', value: families }),
  ];
  return JSON.stringify({
    defaultAction: 'SCMP_ACT_ALLOW',
    architectures: [process.arch === 'arm64' ? 'SCMP_ARCH_AARCH64' : 'SCMP_ARCH_X86_64'],
    syscalls,
  });
}
