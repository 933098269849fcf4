/** A database's contents, to be put back later. */
export type Copy = Map<string, unknown>;
export type Connections = Set<unknown>;

export const CLASSES: Record<string, unknown>;

export class Disk {
  page(isFull: () => boolean): { indexedDB: IDBFactory; connections: Connections };
  drop(connections: Connections): void;
  hangUp(connections: Connections): void;
  loseUnflushed(): void;
  copy(names?: string[]): Copy;
  put(databases: Copy): void;
  names(): string[];
  all(name: string, store: string): any[];
  one(name: string, store: string, key: unknown): any;
}
