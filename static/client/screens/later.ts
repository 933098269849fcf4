/** The screens that the first one leads to. */

export { Picker } from "./child-picker";
export { Carried } from "./children";
export { Inbox } from "./inbox";
export { Me } from "./me";
export { RecordPage } from "./record";
export { Records } from "./records";
export { Sync } from "./sync";
