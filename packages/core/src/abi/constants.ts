import { constants } from './constants.generated.js';

export { constants };

/** The architectures whose calls are known, as uname(1) names them. */
export type Arch = keyof typeof constants;

/** The name of a constant that some architecture has. */
export type ConstantName = { [A in Arch]: keyof (typeof constants)[A] }[Arch];
type CommonName = keyof (typeof constants)['x86_64'] & keyof (typeof constants)['aarch64'];

/** The value of a constant that every architecture has: `constant('O_DIRECTORY', arch)`. */
export function constant(name: CommonName, arch: Arch = 'x86_64'): number {
  return constants[arch][name];
}

/** The value of a constant, undefined where the architecture has none of that name. */
export function constantIn(arch: Arch, name: ConstantName): number | undefined {
  const known: Readonly<Partial<Record<ConstantName, number>>> = constants[arch];
  return known[name];
}

/** All names of an architecture's constants. */
export function constantNames(arch: Arch): readonly ConstantName[] {
  return Object.keys(constants[arch]) as ConstantName[];
}
