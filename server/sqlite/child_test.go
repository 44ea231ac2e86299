package sqlite_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/server/sqlite"
)

// childJob names what a process started by a test has to do, instead of the tests.
const childJob = "KASSA_SQLITE_CHILD"

func TestMain(m *testing.M) {
	switch job := os.Getenv(childJob); job {
	case "":
		os.Exit(m.Run())
	case "hold":
		hold(os.Args[1])
	case "write":
		write(os.Args[1])
	default:
		fmt.Println("no such job:", job)
		os.Exit(2)
	}
}

// A child is another process at work on a file. It says what it does line by line and ends when its input does.
type child struct {
	*exec.Cmd
	lines *bufio.Scanner
	stop  func() error
}

func start(t *testing.T, job, file string) child {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], file)
	cmd.Env = append(os.Environ(), childJob+"="+job)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	return child{cmd, bufio.NewScanner(out), in.Close}
}

// hold has a file open until the input ends.
func hold(file string) {
	s, err := sqlite.Open(file)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("open")
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := s.Close(); err != nil {
		fmt.Println(err)
	}
}

// elsewhere is the test whose body a process of its own is to run.
const elsewhere = "KASSA_SQLITE_ELSEWHERE"

// apart runs the test that calls it in a process of its own, whose start may be changed. It is true there, and false
// where the test began, which has nothing left to do: the test has failed or been skipped if it was there.
func apart(t *testing.T, change func(*exec.Cmd)) bool {
	t.Helper()
	if os.Getenv(elsewhere) == t.Name() {
		return true
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), elsewhere+"="+t.Name())
	change(cmd)
	out, err := cmd.CombinedOutput()
	switch said := string(out); {
	case err != nil && len(out) == 0:
		t.Skipf("a process of its own is not to be had: %v", err)
	case err != nil:
		t.Errorf("in a process of its own: %v\n%s", err, said)
	case strings.Contains(said, "--- SKIP"):
		t.Skipf("in a process of its own:\n%s", said)
	case !strings.Contains(said, "--- PASS: "+t.Name()):
		t.Errorf("no test ran in a process of its own:\n%s", said)
	}
	return false
}
