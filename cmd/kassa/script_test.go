package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptCommands are what scripts have beside the usual commands:
//
//	exits STATUS [ARGUMENT-OF-KASSA...]  wants the exact status of kassa, run in this process; @FILE is a file of the script
//	freeport VARIABLE                    sets it to a port that nobody listens on
//	await URL                            waits until it answers
//	request METHOD URL TOKEN [FILE]      sends a request, and wants it to be taken; the answer is standard output
//	keep VARIABLE REGEXP                 sets it to what the group of the expression is in standard output
//	terminate                            sends SIGTERM to what runs in the background
func scriptCommands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"exits": exits, "freeport": freePort, "await": await, "request": request, "keep": keep, "terminate": terminate,
	}
}

func wants(ts *testscript.TestScript, neg, ok bool, usage string) {
	if neg || !ok {
		ts.Fatalf("usage: %s", usage)
	}
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	wants(ts, neg, len(args) >= 1, "exits STATUS [ARGUMENT-OF-KASSA...]")
	words := args[1:]
	for i, word := range words {
		if strings.HasPrefix(word, "@") {
			words[i] = ts.MkAbs(word[1:])
		}
	}
	code := run(context.Background(), words, strings.NewReader(""), ts.Stdout(), ts.Stderr())
	if want := args[0]; want != strconv.Itoa(code) {
		ts.Fatalf("exit status %d, want %s", code, want)
	}
}

func freePort(ts *testscript.TestScript, neg bool, args []string) {
	wants(ts, neg, len(args) == 1, "freeport VARIABLE")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	_, port, err := net.SplitHostPort(listener.Addr().String())
	ts.Check(err)
	ts.Check(listener.Close())
	ts.Setenv(args[0], port)
}

func await(ts *testscript.TestScript, neg bool, args []string) {
	wants(ts, neg, len(args) == 1, "await URL")
	again := time.NewTicker(20 * time.Millisecond) // a process of its own takes its time
	defer again.Stop()
	for deadline := time.Now().Add(30 * time.Second); ; <-again.C {
		res, err := http.Get(args[0])
		if err == nil {
			ts.Check(res.Body.Close())
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("nothing answers: %v", err)
		}
	}
}

func request(ts *testscript.TestScript, neg bool, args []string) {
	wants(ts, neg, len(args) == 3 || len(args) == 4, "request METHOD URL TOKEN [FILE]")
	var body io.Reader
	if len(args) == 4 {
		body = strings.NewReader(ts.ReadFile(args[3]))
	}
	req, err := http.NewRequest(args[0], args[1], body)
	ts.Check(err)
	if args[2] != "" {
		req.Header.Set("Authorization", "Bearer "+args[2])
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	ts.Check(err)
	if res.StatusCode >= 300 {
		ts.Fatalf("%s: %s", res.Status, answer)
	}
	_, err = ts.Stdout().Write(answer)
	ts.Check(err)
}

func keep(ts *testscript.TestScript, neg bool, args []string) {
	wants(ts, neg, len(args) == 2, "keep VARIABLE REGEXP")
	found := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if len(found) != 2 {
		ts.Fatalf("standard output has no %s", args[1])
	}
	ts.Setenv(args[0], found[1])
}

func terminate(ts *testscript.TestScript, neg bool, args []string) {
	wants(ts, neg, len(args) == 0, "terminate")
	for _, cmd := range ts.BackgroundCmds() {
		ts.Check(cmd.Process.Signal(syscall.SIGTERM))
	}
}
