export const KEPT_AS_IT_IS: unique symbol;

export function structuredClone<T>(value: T): T;
