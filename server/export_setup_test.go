package server

// Times are what a setup can say beside merchants, as options leave it.
func Times(opts ...Option) (any, error) {
	c, err := newConfig(opts)
	return []any{c.tokenLifetime, c.sessionLifetime, c.delays, c.confirmed, len(c.callbackHosts), c.attempts, c.keep}, err
}
