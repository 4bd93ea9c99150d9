//go:build !cuda

package devices

import (
	"errors"

	"partials/device"
)

func openCUDA(Options) (device.Device, error) {
	return nil, errors.New("this binary was built without CUDA (`make cuda` builds one that has it)")
}
