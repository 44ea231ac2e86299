package conformance

import (
	"io/fs"

	"github.com/kassa-dev/kassa/internal/contract"
)

// NewFrom is New with documents of a test's own.
func NewFrom(documents fs.FS, opts ...Option) (*Checker, error) {
	c, err := contract.Load(documents)
	if err != nil {
		return nil, err
	}
	return newChecker(c, opts...)
}
