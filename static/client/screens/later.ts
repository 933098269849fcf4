/** The screens that the first one leads to, and what they do besides. */

export { warm as warmPlace } from "../place/fix";
export { PlaceInput } from "../place/input";
export { Pick as Picker } from "../place/pick";
export { Calendar } from "./calendar";
export { Carried } from "./children";
export { Inbox } from "./inbox";
export { Lost } from "./lost";
export { Me } from "./me";
export { NoStore } from "./no-store";
export { RecordForm } from "./record-form";
export { RecordPage } from "./record";
export { DueList } from "./rechecks";
export { dueNow } from "../rechecks/due";
export { Records } from "./records";
export { Saved } from "./saved";
export { startEdit, startNew } from "./start-form";
export { Sync } from "./sync";
export { WithPictures } from "../photos/later";
export { ThisPhone } from "./this-phone";
export { giveOut } from "../sync/unsent-file";
