// What the browser keeps: the key, which it never shows, and the phone's memory.
// Both are in IndexedDB, in a database of their own for each world of locks.

const store = "phone";

/** promise is a request of IndexedDB as a promise. */
const promise = (request) => new Promise((done, failed) => {
  request.onsuccess = () => done(request.result);
  request.onerror = () => failed(request.error);
});

export class Vault {
  #base; #pair;

  /** open opens the vault of the world, and makes a key where there is none. */
  static async open(world) {
    const vault = new Vault();
    const request = indexedDB.open(`postern-${world}`, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(store);
    vault.#base = await promise(request);
    vault.#pair = await vault.#get("key");
    navigator.storage?.persist?.(); // asks the browser not to clear it away where room is short
    if (!vault.#pair) {
      // extractable: false is what keeps the key in: no script can read it, this one neither.
      vault.#pair = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
      await vault.#put("key", vault.#pair);
    }
    return vault;
  }

  /** publicKey returns the 32 bytes of the public key. */
  async publicKey() { return new Uint8Array(await crypto.subtle.exportKey("raw", this.#pair.publicKey)); }

  /** sign returns the signature over the message, 64 bytes. */
  async sign(message) { return new Uint8Array(await crypto.subtle.sign("Ed25519", this.#pair.privateKey, message)); }

  /** load returns what save was given last, or nothing. */
  load() { return this.#get("memory"); }

  /** save keeps the phone's memory; it is on disk when the promise is kept. */
  save(memory) { return this.#put("memory", memory); }

  #get(name) { return promise(this.#base.transaction(store).objectStore(store).get(name)); }

  #put(name, value) {
    const transaction = this.#base.transaction(store, "readwrite", { durability: "strict" });
    transaction.objectStore(store).put(value, name);
    return new Promise((done, failed) => {
      transaction.oncomplete = () => done();
      transaction.onerror = transaction.onabort = () => failed(transaction.error);
    });
  }
}
