/** Stands in for fake-indexeddb's own: its steps become tasks of the world's loop. */

let post = () => {
  throw new Error("no loop");
};

export const useLoop = (loop) => {
  post = (work) => loop.post(work);
};

export const queueTask = (work) => post(work);
