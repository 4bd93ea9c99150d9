package tfevents

import (
	"strconv"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// Setting is a value of a run's recipe, as text.
type Setting struct{ Key, Value string }

// The numbers of the fields of the hparams plugin's data:
// https://github.com/tensorflow/tensorboard/tree/master/tensorboard/plugins/hparams,
// plugin_data.proto and api.proto.
const (
	hparamsExperiment = 2
	hparamsStart      = 3
	hparamsEnd        = 4

	experimentSettings = 4
	experimentMetrics  = 5

	infoName    = 1
	infoType    = 4
	typeString  = 1
	typeFloat   = 3
	metricName  = 1
	metricTag   = 2
	startValues = 1
	startTime   = 5
	entryKey    = 1
	entryValue  = 2
	valueNumber = 2
	valueText   = 3

	endStatus = 1
	endTime   = 2
	succeeded = 1
	failed    = 2
)

// HParams is what the table of runs needs of one that begins: its settings, and
// the tags of the curves that say how good it is.
func HParams(settings []Setting, metrics []string) []Value {
	var experiment, start message
	for _, s := range settings {
		var info, entry, value message
		info.text(infoName, s.Key)
		if x, err := strconv.ParseFloat(s.Value, 64); err == nil {
			info.number(infoType, typeFloat)
			value.double(valueNumber, x)
		} else {
			info.number(infoType, typeString)
			value.text(valueText, s.Value)
		}
		experiment.bytes(experimentSettings, info)
		entry.text(entryKey, s.Key)
		entry.bytes(entryValue, value)
		start.bytes(startValues, entry)
	}
	for _, tag := range metrics {
		var name, info message
		name.text(metricTag, tag)
		info.bytes(metricName, name)
		experiment.bytes(experimentMetrics, info)
	}
	start.double(startTime, now())
	return []Value{
		hparams("_hparams_/experiment", hparamsExperiment, experiment),
		hparams("_hparams_/session_start_info", hparamsStart, start),
	}
}

// HParamsEnd tells the table of runs that one has ended.
func HParamsEnd(ok bool) Value {
	var end message
	status := failed
	if ok {
		status = succeeded
	}
	end.number(endStatus, status)
	end.double(endTime, now())
	return hparams("_hparams_/session_end_info", hparamsEnd, end)
}

func hparams(tag string, field protowire.Number, data message) Value {
	var content message
	content.bytes(field, data)
	v := value(tag)
	v.plugin("hparams", content)
	return v
}

func now() float64 { return float64(time.Now().UnixMicro()) / 1e6 }
