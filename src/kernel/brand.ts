declare const brand: unique symbol;

/** A `T` that was made in one place and is not to be mixed up with another `T`. */
export type Branded<T, Name extends string> = T & { readonly [brand]: Name };
