// Command kassa is the toolkit's one program: a sandbox to develop against,
// a judge for recorded traffic, and a demonstration of both.
//
// Exit status: 0 is well, 1 means findings (or, for other commands, failure),
// 2 means the command was misused, 3 means the traffic could not be judged.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal does not wait
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
