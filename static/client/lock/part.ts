/** Everything of the lock that the first screen does not need when the phone is open. */

// Not needed here, and loaded already: the build lays what the same parts share into one file, and few files pack better.
import "../forms/working";
import "../pieces/button";
import "../pieces/card";
import "../later";
import "../photos/counts";
import "../screens/seen";

export { ChangeCode } from "./changing";
export { LockScreen } from "./screen";
export { TouchSetting } from "./touch-later";
