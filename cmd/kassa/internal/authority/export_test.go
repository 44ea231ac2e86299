package authority

// Remembered is how many names there are certificates for.
func Remembered(a *Authority) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.leaves)
}
