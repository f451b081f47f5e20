/** True where the two types are the very same. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Checked by the compiler: `holds<Same<A, B>>()`. */
export declare function holds<_Claim extends true>(): void;
