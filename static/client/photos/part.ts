/** Everything of the phone that draws pictures. */

import "./check";

export { PhotosInput } from "./input";
export { RecordPhotos } from "./record-photos";
export { Shared } from "./shared";
export { Sides } from "./sides";
