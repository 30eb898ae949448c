package desktop

// bounded keeps a text scale to what can be read and fits: the systems themselves
// offer 0.5 to 3. What is none is 1.
func bounded(scale float64) float32 {
	if scale < 0.5 || scale > 3 || scale != scale {
		return 1
	}
	return float32(scale)
}
