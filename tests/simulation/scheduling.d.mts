export function useLoop(loop: { post(work: () => void): void }): void;
