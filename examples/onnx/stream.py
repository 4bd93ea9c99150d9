# Runs a graph of `train export RUN --format onnx` over a 16-bit mono WAV of the model's rate, block by block:
#   pip install onnxruntime; python stream.py denoise.onnx noisy.wav clean.wav
import sys, wave, numpy, onnxruntime

graph = onnxruntime.InferenceSession(sys.argv[1])
about = graph.get_modelmeta().custom_metadata_map
block, latency = int(about["block"]) * -(-512 // int(about["block"])), int(about["latency"])
feeds = {s.name: numpy.zeros(s.shape, numpy.float32) for s in graph.get_inputs()[1:]}  # every state begins as zeros
with wave.open(sys.argv[2]) as wav, wave.open(sys.argv[3], "wb") as out:
    out.setparams(wav.getparams())
    x = numpy.frombuffer(wav.readframes(wav.getnframes()), "<i2").astype(numpy.float32) / 32768
    y = []
    for at in range(0, len(x) + latency, block):
        feeds["input"] = numpy.pad(x[at:at + block], (0, block - len(x[at:at + block])))[None, None]
        result = dict(zip([o.name for o in graph.get_outputs()], graph.run(None, feeds)))
        feeds.update({name[:-5]: value for name, value in result.items() if name.endswith(".next")})
        y.append(result["output"][0, 0])
    y = numpy.concatenate(y)[latency:latency + len(x)]
    out.writeframes((y * 32768).round().clip(-32768, 32767).astype("<i2").tobytes())
