//go:build !cuda

package devices

import "partials/device"

func openCUDA(Options) (device.Device, error) { return nil, errNotBuilt }
