package main

import (
	"github.com/spf13/cobra"

	"partials/device/devices"
)

func (a *app) devicesCommand() *cobra.Command {
	return a.jsonFlag(&cobra.Command{
		Use:   "devices",
		Short: "List the devices that this program can train on",
		Long: `List the devices that this program can train on: the names for "device" in a
recipe, what they are, or why they are not here.

With --json: [{name, available, detail}].`,
		Example: `  train devices
  train devices --json`,
		RunE: func(*cobra.Command, []string) error {
			type row struct {
				Name      string `json:"name"`
				Available bool   `json:"available"`
				Detail    string `json:"detail"`
			}
			list := []row{}
			var rows [][]string
			for _, d := range devices.List() {
				list = append(list, row{d.Name, d.Available, d.Detail})
				state := "ready"
				if !d.Available {
					state = "not here"
				}
				rows = append(rows, []string{d.Name, state, d.Detail})
			}
			if a.json {
				return a.printJSON(list)
			}
			return a.table(rows)
		},
	})
}
