package conformance

import "io"

// Progress says how far the reading of a file has come.
type Progress struct {
	File string
	Read int64 // bytes
	Size int64 // 0: unknown
}

// WithProgress makes [CheckFiles] tell how far it has come, often: after every
// piece it reads of a file. By default nobody is told. tell must be safe for
// concurrent use, and delays the judging as long as it takes.
func WithProgress(tell func(Progress)) Option {
	return func(o *options) { o.progress = tell }
}

// watched is a file that is read before the eyes of whoever asked for that.
func (c *Checker) watched(file string, r io.Reader, size int64) io.Reader {
	if c.progress == nil {
		return r
	}
	return &watched{Reader: r, tell: c.progress, so: Progress{File: file, Size: size}}
}

type watched struct {
	io.Reader

	tell func(Progress)
	so   Progress
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	w.so.Read += int64(n)
	w.tell(w.so)
	return n, err
}
