package main

import (
	"io"
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func itoa(n int) string { return strconv.Itoa(n) }

// TestLimit wants a third connection to wait until one of two has gone, and a
// listener that is full to be closed all the same.
func TestLimit(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	l := limit(inner, 2)
	taken := make(chan net.Conn)
	ended := make(chan error, 1)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				ended <- err
				return
			}
			taken <- conn
		}
	}()
	dial := func() net.Conn {
		conn, err := net.Dial("tcp", inner.Addr().String())
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		return conn
	}
	dial()
	dial()
	first, second := <-taken, <-taken
	third := dial() // the kernel has it, and nobody takes it
	select {
	case <-taken:
		t.Fatal("a third connection was taken")
	case <-time.After(50 * time.Millisecond):
	}
	require.NoError(t, first.Close())
	require.Error(t, first.Close(), "once closed, it gives back one slot and no more")
	got := <-taken
	_, err = io.WriteString(got, "x")
	require.NoError(t, err)
	text := make([]byte, 1)
	_, err = io.ReadFull(third, text)
	require.NoError(t, err)

	require.NoError(t, l.Close())
	require.ErrorIs(t, <-ended, net.ErrClosed)
	_ = second.Close()
	_ = got.Close()
	assert.Empty(t, l.slots)
}
