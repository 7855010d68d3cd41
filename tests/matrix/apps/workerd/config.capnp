using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .main)],
  sockets = [(name = "http", http = (), service = "main")],
);

const main :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "dist/worker.js"),
    (name = "qkv.relaxed.wasm", wasm = embed "node_modules/qkv/dist/qkv.relaxed.wasm"),
    (name = "qkv.simd.wasm", wasm = embed "node_modules/qkv/dist/qkv.simd.wasm"),
    (name = "qkv.scalar.wasm", wasm = embed "node_modules/qkv/dist/qkv.scalar.wasm"),
  ],
  compatibilityDate = "2026-11-01",
);
