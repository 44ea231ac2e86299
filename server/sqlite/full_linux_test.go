package sqlite_test

import (
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/server/sqlite"
)

// TestFullDevice fills a real file system: what does not fit is refused, what was acknowledged stays, a full disk can be
// opened and read, and once there is room the file goes on.
func TestFullDevice(t *testing.T) {
	if !apart(t, func(cmd *exec.Cmd) {
		// A file system of its own needs a mount namespace of its own, which without root needs a user namespace.
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
		if os.Geteuid() != 0 {
			cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
			cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
			cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
		}
	}) {
		return
	}
	dir := t.TempDir()
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		t.Skipf("mounts cannot be kept from others here: %v", err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=400k"); err != nil {
		t.Skipf("no file system to fill: %v", err)
	}
	defer func() { _ = syscall.Unmount(dir, 0) }()

	file := filepath.Join(dir, "facts.db")
	acked := fill(t, file, full)
	s := open(t, file)
	last, problem := history(s)
	assert.Empty(t, problem, "the disk is still full")
	assert.Equal(t, acked, last)
	assert.ErrorContains(t, add(s, acked+1)(), "the disk is full")
	require.Error(t, s.Close())

	_, err := sqlite.Open(filepath.Join(dir, "another.db"))
	require.ErrorContains(t, err, "the disk is full")

	require.NoError(t, syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=4m"))
	s = open(t, file)
	require.NoError(t, add(s, acked+1)())
	last, problem = history(s)
	assert.Empty(t, problem)
	assert.Equal(t, acked+1, last)
	require.NoError(t, s.Close())
}

// TestFileSizeLimit: the same, for a limit of the process instead of the disk, of which SQLite says less.
func TestFileSizeLimit(t *testing.T) {
	if !apart(t, func(*exec.Cmd) {}) {
		return
	}
	signal.Ignore(syscall.SIGXFSZ) // the write fails instead
	var before syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before))
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 300_000, Max: before.Max}))
	file := filepath.Join(t.TempDir(), "facts.db")
	acked := fill(t, file, "the system cannot read or write it; look at the disk, its quota and the limit of file sizes, then start again; what was acknowledged is kept")
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before))
	s := open(t, file)
	last, problem := history(s)
	assert.Empty(t, problem)
	assert.Equal(t, acked, last)
	assert.NoError(t, add(s, acked+1)())
}

// fill appends units until one fails for the reason given, and returns how many did not.
func fill(t *testing.T, file, reason string) (acked int) {
	t.Helper()
	s := open(t, file)
	for {
		err := add(s, acked+1)()
		if err != nil {
			assert.ErrorContains(t, err, file+": "+reason)
			require.Greater(t, acked, 10)
			require.Error(t, s.Close())
			return acked
		}
		acked++
	}
}
