import {
  allowedFamilies,
  boundedCalls,
  type conditionalCalls,
  errors,
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

/** This number is higher than every address family of Linux. */
const familyCount = 64;

/**
 * Builds the filter of seccomp-filter.ts as a JSON profile for Docker and Podman. Rules in a profile cannot
 * express "all values except these", so each refused value has its own rule.
 */
export function buildSeccompProfile(): string {
  const refuse = (names: string[], errnoRet: number, args?: Rule['args']): Rule => ({
    names,
    action: 'SCMP_ACT_ERRNO',
    errnoRet,
    ...(args && { args }),
  });
  const refuseValue = (
    name: keyof typeof conditionalCalls,
    errno: number,
    arg: NonNullable<Rule['args']>[number],
  ) => refuse([name], errno, [arg]);
  const refusedFamilies = Array.from({ length: familyCount }, (_, family) => family).filter(
    (family) => !allowedFamilies.includes(family),
  );
  const syscalls: Rule[] = [
    refuse(Object.keys(refusedCalls), errors.EPERM),
    refuse(Object.keys(unknownCalls), errors.ENOSYS),
    ...namespaceFlags.map((flag) =>
      refuseValue('clone', errors.EPERM, { index: 0, op: 'SCMP_CMP_MASKED_EQ', value: flag, valueTwo: flag }),
    ),
    ...terminalInjection.map((request) =>
      refuseValue('ioctl', errors.EPERM, { index: 1, op: 'SCMP_CMP_EQ', value: request }),
    ),
    ...(Object.entries(boundedCalls) as [keyof typeof boundedCalls, number][]).map(([name, most]) =>
      refuseValue(name, errors.EINVAL, { index: 1, op: 'SCMP_CMP_GT', value: most }),
    ),
    ...refusedFamilies.map((family) =>
      refuseValue('socket', errors.EAFNOSUPPORT, { index: 0, op: 'SCMP_CMP_EQ', value: family }),
    ),
    refuseValue('socket', errors.EAFNOSUPPORT, { index: 0, op: 'SCMP_CMP_GE', value: familyCount }),
  ];
  return JSON.stringify({
    defaultAction: 'SCMP_ACT_ALLOW',
    architectures: [process.arch === 'arm64' ? 'SCMP_ARCH_AARCH64' : 'SCMP_ARCH_X86_64'],
    syscalls,
  });
}
