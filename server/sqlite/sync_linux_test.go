package sqlite_test

import (
	"os"
	"syscall"
)

// syncData has the data of a file on the disk, and of its metadata what reading it needs.
func syncData(f *os.File) error { return syscall.Fdatasync(int(f.Fd())) }
