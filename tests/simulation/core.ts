/** The phone's code that runs in the simulation: what the screens use, and through it store and sync. */

export * as state from "../../static/client/state";
export * as changes from "../../static/client/sync/changes";
