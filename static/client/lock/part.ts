/** Everything of the lock that the first screen does not need when the phone is open. */

export { LockScreen } from "./screen";
export { ChangeCode } from "./changing";
