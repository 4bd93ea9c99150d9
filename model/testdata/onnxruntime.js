// Runs graphs over signals in blocks, with onnxruntime, and prints how far each
// is off at worst: node onnxruntime.js jobs.json
const fs = require("fs"), ort = require("onnxruntime-node")

const floats = file => { const b = fs.readFileSync(file); return new Float32Array(b.buffer.slice(b.byteOffset, b.byteOffset + b.length)) }

async function worst({ graph, input, output, inputs, outputs, blocks }) {
  const session = await ort.InferenceSession.create(graph, { intraOpNumThreads: 1, interOpNumThreads: 1 })
  const x = floats(input), want = floats(output), n = x.length / inputs
  let feeds = {}, at = 0, worst = 0
  for (const s of session.inputMetadata.slice(1))
    feeds[s.name] = new ort.Tensor(new Float32Array(s.shape.reduce((a, b) => a * b, 1)), s.shape)
  if (feeds.controls) feeds.controls.data.fill(0.5)
  for (const block of blocks) {
    const samples = new Float32Array(inputs * block)
    for (let c = 0; c < inputs; c++) samples.set(x.subarray(c * n + at, c * n + at + block), c * block)
    feeds.input = new ort.Tensor(samples, [1, inputs, block])
    const y = await session.run(feeds)
    if (y.output.data.length != outputs * block) return NaN
    for (let c = 0; c < outputs; c++)
      for (let i = 0; i < block; i++) {
        const off = Math.abs(y.output.data[c * block + i] - want[c * n + at + i])
        if (!(off <= worst)) worst = off
      }
    for (const name in y) if (name.endsWith(".next")) feeds[name.slice(0, -5)] = y[name]
    at += block
  }
  return worst
}

async function main() {
  const result = {}
  for (const job of JSON.parse(fs.readFileSync(process.argv[2]))) result[job.name] = await worst(job)
  console.log(JSON.stringify(result))
}

main()
