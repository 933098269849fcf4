/** Planted bugs of the phone's code, by name: the test that must see it, what stands in a file, and what is put in its place. */

const PHOTOS = "static/client/store/photos.ts";
const RECORDS = "static/client/store/records.ts";
const LANE = "static/client/photos/lane.ts";
const ROOM = "static/client/store/room.ts";
const REMOTE = "static/client/store/remote.ts";

export const MUTANTS = {
  "a photo is put in the queue after its record, in a step of its own": {
    test: "photos",
    file: RECORDS,
    from: "const made = await enqueue(tx, await enrol(tx, change, draft));",
    to: "void enrol; const made = await enqueue(tx, change);",
  },
  "a record names photos whose bytes are gone": { test: "photos", file: PHOTOS, from: "else lost.add(row.id);", to: "" },
  "photos of other forms go with a save": { test: "photos", file: PHOTOS, from: "} else if (row.draft === draft || (", to: "} else if (row.draft !== null || (" },
  "an unsent photo goes with a choice": { test: "photos", file: PHOTOS, from: "if (!draft || !set) return change;", to: "if (!set) return change;" },
  "a thrown away draft leaves its photos": { test: "photos", file: PHOTOS, from: "if (row.draft === draft) await forget(tx, row.id);\n}", to: "void row;\n}" },
  "a photo is let go when all its bytes went out": {
    test: "photos",
    file: LANE,
    from: "if (state !== \"kept\" || offset !== row.size) throw",
    to: "if (false) throw",
  },
  "a refused photo is let go": { test: "photos", file: LANE, from: "if (state === \"refused\") throw new Failed(\"refused\", 0);", to: "if (state === \"refused\") state = \"kept\";" },
  "another file is sent under a photo's name": { test: "photos", file: LANE, from: " || (await digest(file.whole).catch(() => \"\")) !== row.sha256", to: "" },
  "a photo that spoils stops the lane": { test: "photos", file: LANE, from: "if (!isItsOwn || stop.aborted) {", to: "if (error) {" },
  "photos do not make way": { test: "photos", file: LANE, from: "this.stop?.abort();", to: "" },
  "what has age goes, sent or not": { test: "photos", file: LANE, from: "kept !== null && kept < limit(", to: "(kept ?? \"2020\") < limit(" },
  "a restored ward is not noticed": { test: "photos", file: LANE, from: "if (!epoch || epoch === known) return;", to: "if (epoch) return;" },
  "a full phone gives up what waits": { test: "photos", file: ROOM, from: "if (row.kept) await", to: "await" },
  "a finished report is read from what waits": { test: "write-only", file: RECORDS, from: "return made && bare(made);", to: "return made;" },
  "a list of records shows finished reports": { test: "write-only", file: RECORDS, from: ".map(bare).sort(newestFirst)", to: ".sort(newestFirst)" },
  "a pulled report is kept as it came": { test: "write-only", file: REMOTE, from: "await records.put(bare(record));", to: "await records.put(record);" },
  "a receipted report is kept as it was written": { test: "write-only", file: REMOTE, from: "await records.put(bare(made));", to: "await records.put(made);" },
  "the ward's words about a report are kept": { test: "write-only", file: "static/client/store/write-only.ts", from: '[field, ""]', to: "[field, review!.pins[field]]" },
};
