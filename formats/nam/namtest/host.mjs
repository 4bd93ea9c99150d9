// Plays samples through .nam files in the hosts' own engine, compiled to
// WebAssembly: node host.mjs PACKAGE RATE INPUT.f32 MODEL.nam OUTPUT.f32 ...
// PACKAGE is the folder of npm's @opendaw/nam-wasm; samples are raw little-endian
// float32. For a model that the engine refuses, no output is written.
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"

const [folder, rate, inputPath, ...files] = process.argv.slice(2)
const { NamWasmModule, createNamModule } = await import(pathToFileURL(join(folder, "dist/index.js")))
const raw = readFileSync(inputPath)
const input = new Float32Array(raw.buffer, raw.byteOffset, raw.length / 4)
const block = 128
for (let k = 0; k + 1 < files.length; k += 2) {
    const module = await createNamModule({ wasmBinary: readFileSync(join(folder, "dist/nam.wasm")) })
    const nam = NamWasmModule.fromModule(module, block)
    nam.setSampleRate(Number(rate))
    const id = nam.createInstance()
    let loaded = false
    try {
        loaded = nam.loadModel(id, readFileSync(files[k], "utf8"))
    } catch (error) {
        console.error(`${files[k]}: ${error}`)
    }
    if (!loaded) {
        console.error(`${files[k]}: refused`)
        continue
    }
    const output = new Float32Array(input.length)
    const x = new Float32Array(block), y = new Float32Array(block)
    for (let at = 0; at < input.length; at += block) {
        const n = Math.min(block, input.length - at)
        x.fill(0)
        x.set(input.subarray(at, at + n))
        nam.process(id, x, y)
        output.set(y.subarray(0, n), at)
    }
    writeFileSync(files[k + 1], new Uint8Array(output.buffer))
}
