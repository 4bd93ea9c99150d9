package optim

// Constant keeps the learning rate as it is.
type Constant struct{}

// Build implements ScheduleConfig.
func (c Constant) Build(base float64, _ int) (Schedule, error) {
	return curve(func(int) float64 { return base }), nil
}
