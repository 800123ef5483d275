/** A compiled module; worker threads can be given it without compiling again. */
export type WasmModule = object;
type WasmMemory = { buffer: ArrayBuffer };
type WasmInstance = { exports: { memory: WasmMemory; _start(): void } };

type WasmApi = {
  compile(bytes: Uint8Array): Promise<WasmModule>;
  Instance: new (module: WasmModule, imports: object) => WasmInstance;
};

/** The engine's WebAssembly; the compiler's libraries name it only together with the whole of the browser's. */
export const { WebAssembly } = globalThis as unknown as { WebAssembly: WasmApi };
