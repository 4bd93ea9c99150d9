"""Prints what TensorBoard reads in a folder of event files, as JSON: read.py FOLDER."""

import json
import math
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import plugin_data_pb2
from tensorboard.util import tensor_util

events = EventAccumulator(sys.argv[1], size_guidance={k: 0 for k in ("scalars", "images", "audio", "histograms", "tensors")})
events.Reload()
tags = events.Tags()
seen = {"scalars": {}, "histograms": {}, "images": {}, "audio": {}, "texts": {}, "hparams": {}}
for tag in tags["scalars"]:
    seen["scalars"][tag] = [[e.step, e.value if math.isfinite(e.value) else None] for e in events.Scalars(tag)]
for tag in tags["histograms"]:
    seen["histograms"][tag] = [[e.step, e.histogram_value.num, sum(e.histogram_value.bucket)] for e in events.Histograms(tag)]
for tag in tags["images"]:
    seen["images"][tag] = [[e.step, e.width, e.height, e.encoded_image_string[:4].hex()] for e in events.Images(tag)]
for tag in tags["audio"]:
    seen["audio"][tag] = [[e.step, e.sample_rate, e.length_frames, e.encoded_audio_string[:4].decode()] for e in events.Audio(tag)]
for tag in tags["tensors"]:
    if events.SummaryMetadata(tag).plugin_data.plugin_name == "text":
        seen["texts"][tag] = [[e.step, tensor_util.make_ndarray(e.tensor_proto)[0].decode()] for e in events.Tensors(tag)]
try:
    hparams = events.PluginTagToContent("hparams")
except KeyError:
    hparams = {}
for tag, content in hparams.items():
    data = plugin_data_pb2.HParamsPluginData.FromString(content)
    kind = data.WhichOneof("data")
    if kind == "session_start_info":
        values = {k: v.number_value if v.HasField("number_value") else v.string_value for k, v in data.session_start_info.hparams.items()}
        seen["hparams"]["values"] = values
    elif kind == "experiment":
        seen["hparams"]["infos"] = {i.name: i.type for i in data.experiment.hparam_infos}
        seen["hparams"]["metrics"] = [m.name.tag for m in data.experiment.metric_infos]
    else:
        seen["hparams"]["status"] = data.session_end_info.status
print(json.dumps(seen))
