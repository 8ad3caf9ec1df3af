// The owner's phone: a Go program in WebAssembly.  What it needs of a browser is
// in host; what it can do is in call.

import { Vault } from "/vault.js";

/** Fault is why the phone did not do what it was asked. */
export class Fault extends Error {
  constructor(told) {
    super(told.error ?? "");
    Object.assign(this, told);
  }
}

/** startPhone starts the phone, and returns the function that calls its actions. */
export async function startPhone(config, now) {
  const vault = await Vault.open(config.world);
  const go = new Go();
  const { instance } = await WebAssembly.instantiateStreaming(fetch("/phone.wasm"), go.importObject);
  const host = {
    now,
    sign: (message) => vault.sign(message),
    save: (memory) => vault.save(memory),
  };
  const ready = new Promise((done) => { globalThis.posternPhone = done; });
  go.run(instance);
  const start = await ready;
  delete globalThis.posternPhone;
  const act = await start(host, JSON.stringify(config), await vault.publicKey(), (await vault.load()) ?? new Uint8Array());
  return async (name, values = {}) => {
    const told = JSON.parse(await act(name, JSON.stringify(values)));
    if (told.error !== undefined) throw new Fault(told);
    return told;
  };
}
