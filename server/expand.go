package server

import "strings"

// An expansion holds the lower-case names of the sub-resources to show in full. A name that the resource does not have
// is ignored, as is $expand where nothing can be expanded.
type expansion map[string]bool

func expand(names []string) expansion {
	x := expansion{}
	for _, some := range names {
		for name := range strings.SplitSeq(some, ",") {
			x[strings.ToLower(strings.TrimSpace(name))] = true
		}
	}
	return x
}
