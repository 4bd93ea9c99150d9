// Runs a graph of `train export RUN --format onnx` over a 16-bit mono WAV of the model's rate, block by block:
//   npm install onnxruntime-node; node stream.js denoise.onnx noisy.wav clean.wav BLOCK LATENCY
// BLOCK is a multiple of the model's block; that and the latency are what `train export` prints.
const fs = require("fs"), ort = require("onnxruntime-node")

async function main(model, input, output, block, latency) {
  const graph = await ort.InferenceSession.create(model), feeds = {}
  for (const s of graph.inputMetadata.slice(1)) // every state begins as zeros
    feeds[s.name] = new ort.Tensor(new Float32Array(s.shape.reduce((a, b) => a * b)), s.shape)
  const wav = fs.readFileSync(input), start = wav.indexOf("data") + 8, samples = wav.readUInt32LE(start - 4) / 2
  const x = Float32Array.from({ length: samples }, (_, i) => wav.readInt16LE(start + 2 * i) / 32768)
  for (let at = 0; at < samples + latency; at += block) {
    feeds.input = new ort.Tensor(Float32Array.from({ length: block }, (_, i) => x[at + i] ?? 0), [1, 1, block])
    const result = await graph.run(feeds)
    for (const name in result) if (name.endsWith(".next")) feeds[name.slice(0, -5)] = result[name]
    result.output.data.forEach((y, i) => {
      const to = at + i - latency
      if (to >= 0 && to < samples) wav.writeInt16LE(Math.max(-32768, Math.min(32767, Math.round(y * 32768))), start + 2 * to)
    })
  }
  fs.writeFileSync(output, wav) // the input's header fits the output
}

const [model, input, output, block, latency] = process.argv.slice(2)
main(model, input, output, +block, +latency)
